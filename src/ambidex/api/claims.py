"""Claims: a customer is here and the order is not; it is pulled live from the shop it was bought from."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from ambidex.api.edge import Out, Runs, Who, operation
from ambidex.flows.claim_at_counter import Claim, claim
from ambidex.kernel.actor import Permission

router = APIRouter(tags=["claims"])


class ClaimIn(BaseModel):
    """`q`: order number, e-mail or name. `reference` chooses one of several found. No `source`: all shops."""

    q: str = Field(default="", max_length=200, examples=["#1001"])
    source: str = Field(default="", max_length=64)
    reference: str = Field(default="", max_length=100)


class ClaimOut(BaseModel):
    """The order, as it is here now; read the whole of it at /api/v1/orders/{id}."""

    id: str
    number: str
    source_number: str
    state: str
    is_new: bool


@router.post(
    "/claims",
    status_code=201,
    responses={200: {"model": ClaimOut}},
    dependencies=[operation(Permission.ORDERS_CLAIM)],
)
async def post_claim(body: ClaimIn, response: Response, who: Who, runs: Runs, out: Out) -> ClaimOut:
    """Find the order at its platform and take it in; 201 when it is new here, 200 when it was here."""
    pulled = await claim(runs, out, who, Claim(words=body.q, source=body.source, reference=body.reference))
    response.status_code = 201 if pulled.is_new else 200
    return ClaimOut(
        id=str(pulled.order.order_id),
        number=pulled.order.number,
        source_number=pulled.order.source_number,
        state=pulled.order.state.value,
        is_new=pulled.is_new,
    )
