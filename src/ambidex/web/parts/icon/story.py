"""Icons and marks."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Icons",
    about="Lucide, one sprite. Decoration beside a word, or named when alone.",
    states=(
        State(
            "Sizes",
            '<p class="line-y">{{ ui.icon("package", "s") }}{{ ui.icon("package") }}{{ ui.icon("package", "l") }}</p>',
        ),
        State("Named", '{{ ui.icon("lock", label="Staff only") }}'),
        State(
            "The mark and its halves",
            '<p class="line-y marks">{{ ui.mark() }}{{ ui.mark("said") }}{{ ui.mark("done") }}{{ ui.shop_mark("Marlowe & Finch") }}</p>',
        ),
        State(
            "Everything there is",
            '<p class="line-y">{% for name in ["activity","alarm-clock","archive","arrow-left","arrow-right","ban","bell",'
            '"binary","bot","boxes","calendar","camera","check","circle-check","clipboard-list","clock","cpu","credit-card",'
            '"door-open","eye","file-text","filter","flag","gift","git-fork","globe","handshake","history","hourglass","house",'
            '"id-card","inbox","key","keyboard","layers","list-checks","lock","log-out","mail","map-pin","megaphone","navigation",'
            '"octagon-x","package","package-check","package-search","package-x","pencil","phone","printer","qr-code","receipt",'
            '"refresh-cw","repeat","rotate-ccw","route","scan-barcode","search","settings","shield-check","shopping-bag","shuffle",'
            '"signature","sparkles","star","store","timer","triangle-alert","truck","undo-2","unplug","users","warehouse","weight",'
            '"wifi-off","wrench","zap"] %}{{ ui.icon(name) }}{% endfor %}</p>',
        ),
    ),
)
