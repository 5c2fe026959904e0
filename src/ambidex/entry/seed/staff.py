"""The people of the made-up retailer: names in many scripts, one job each."""

from __future__ import annotations

from ambidex.kernel.values import dataclass

NAMES = (
    "Inès Caron", "Tomasz Wójcik", "Ama Owusu", "林雅婷", "Đặng Thu Hà", "Søren Lindqvist", "Wanjirũ Kamau", "Ольга Мельник",
    "José Ángel Peña", "さくら 高橋", "Fatima Zahra El Idrissi", "Ravi Subramaniam", "Zoë van der Meer", "أحمد الكعبي", "Grace Adeyemi",
    "Mateo Fernández", "Chloe Whitfield", "דנה לוי", "Kwabena Mensah", "Ayşe Yıldırım", "김민준", "Bożena Kowalska", "Γιώργος Παππάς",
    "Leilani Kahale", "Noah Friedman", "प्रिया शर्मा", "Owen Brathwaite", "Ximena Ríos", "Jürgen Öztürk", "Thảo Nguyễn", "Dmitri Volkov",
    "Ngozi Eze", "Elif Şahin", "Sipho Dlamini", "Aroha Ngata", "Pádraig Ó Súilleabháin", "Maja Novák", "สมชาย ใจดี", "Luca Bianchi",
    "Hannah Goldberg", "მარიამ ბერიძე", "Tadeu Gonçalves", "Ingrid Bjørnsen", "Yusuf Abdi", "Camille Dubois", "Արամ Պետրոսյան",
    "Nia Tesfaye", "Viktória Szabó", "Samuel Okonkwo", "Rosa Quispe", "Anders Håkansson", "Mei-Lin Chow", "Kofi Boateng", "Beatriz Salgado",
    "Jonas Weiß", "Amélie Fournier", "Rashid Karimov", "Keisha Thompson", "Ewan MacLeod", "Priya Nair",
)  # fmt: skip


@dataclass(frozen=True)
class Post:
    """A job: role, place (None: head office or everywhere), district of a head-office job."""

    role: str
    place: str | None = None
    district: str = ""


def posts() -> list[Post]:
    """Sixty jobs, in the order of the names."""
    stores = [f"store-{number:02}" for number in range(1, 13)]
    floor = [Post(role, store) for store in stores for role in ("associate", "lead", "associate")]
    supply = [
        *(Post("picker", "dc-north") for _ in range(4)),
        Post("supervisor", "dc-north"),
        Post("picker", "3pl-reno"),
        Post("supervisor", "3pl-reno"),
        Post("supervisor", "hollow-kiln"),
    ]
    office = [
        *(Post("district", None, district) for district in ("atlantic", "lakes", "pacific")),
        *(Post("agent") for _ in range(6)),
        *(Post("experience") for _ in range(4)),
        Post("admin"),
        Post("reader"),
        Post("admin"),
    ]
    return [*floor, *supply, *office]
