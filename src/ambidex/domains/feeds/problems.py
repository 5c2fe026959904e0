"""What can be wrong with a feed."""

from ambidex.kernel.problem import BadInput, NotFound, Problem


class UnknownFeed(NotFound):
    """There is no feed of this code."""

    code = "unknown-feed"
    advice = "Look at the list of feeds; a closed feed is not shown any more."


class BadFeed(BadInput):
    """Something about this feed cannot be used."""

    code = "bad-feed"
    advice = "Correct the fields named and send it again."


class FeedTaken(Problem):
    """A feed of this code is there already."""

    status, code = 409, "feed-taken"
    advice = "Take another code, or change the feed that is there."


class NoWebhook(Problem):
    """This feed has no webhook."""

    status, code = 409, "no-webhook"
    advice = "Give the feed an address first; a channel without one pulls or streams by itself."


class FeedStandsStill(Problem):
    """The feed is not in a state in which this can be done."""

    status, code = 409, "feed-stands-still"
    advice = "Look at its state: a paused or disabled feed is resumed, an active one is paused."
