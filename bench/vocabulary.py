"""Made-up customers, goods and places for big databases: real given and family names of many scripts, and a long tail of
family names built from syllables, so that a dictionary grows as it does in a real shop."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from ambidex.domains.search import fold, rules

# share of customers, given names, family names, syllables of the long tail with its length
_SCRIPTS: tuple[tuple[float, str, str, str, int], ...] = (
    (
        0.80,
        (
            "Maria James Ama Olivia Noah Emma Liam Sofia Lucas Mia Ethan Zoë Aoife José Łukasz Chloé Jürgen Björn Aisha Kofi "
            "Fatima Priya Arjun Ines Mateo Lucía Thiago Camila Hannah Felix Greta Oscar Freya Callum Niamh Rhys Carys Elif "
            "Emre Ayşe Mehmet Ngozi Chidi Amara Kwame Thandiwe Sipho Linh Minh Huong Siti Budi Dewi Kiri Tama Anne-Marie "
            "Jean-Luc Søren Astrid Matti Aino Jana Tomáš Zsófia Bence Ioana Andrei Ivana Marko Ana Luka Giulia Matteo"
        ),
        (
            "Smith Johnson Owusu Garcia Müller Rossi Silva Kowalski Nguyen O’Brien Murphy Singh Patel Khan Hansen Nielsen "
            "Andersson Virtanen Novák Nagy Popescu Horvat Yılmaz Kaya Okafor Mensah Dlamini Santos Fernandes Martínez López "
            "Dubois Lefèvre Schäfer Weiß Barlow Marlow Harrow Thornton Whitfield Ashworth Pemberton Llewellyn MacGregor "
            "Fitzgerald Santoro Bianchi De-Luca Van-Dyk Löfgren Østergaard Sørensen Wójcik Szymański Çelik Öztürk Tan Lim"
        ),
        (
            "bar mar har lo ber den ford wick ton ley ham well wood stan sten berg quist sen ova mann ner hol vik lund gren "
            "ash thor pem win ro ca san del mon te ri ga lan cor ver di ka mi to na sha ru ben dor kel fal gil nor tav"
        ),
        40_000,
    ),
    (
        0.07,
        "Анна Иван Мария Дмитрий Елена Сергей Ольга Павел Наталья Андрей Юлия Максим Олена Тарас Богдан Милица Јован",
        "Иванов Петрова Сидоренко Кузнецов Шевченко Попов Волкова Новикова Морозов Лебедева Јовановић Ђорђевић",
        "бар мар вол кор лев пет сер мо ро ник гор дав тим зай лап бел чер сус ов ев енко ский ина ова ич ук",
        5_000,
    ),
    (
        0.02,
        "Γιώργος Μαρία Ελένη Νίκος Κατερίνα Δημήτρης Αθηνά",
        "Παπαδόπουλος Βλάχος Οικονόμου Γεωργίου",
        "παπα δημ γεωρ νικ ιωαν κων στα βασ ιλ ακης ιδης ου πουλος ελης",
        800,
    ),
    (
        0.04,
        "伟 芳 秀英 敏 静 丽 强 磊 洋 艳 勇 军 杰 娟 涛 超 明 霞 平 刚",
        "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡",
        "",
        0,
    ),
    (
        0.03,
        "太郎 花子 さくら 陽菜 大翔 美咲 翔太 結衣 健 葵",
        "山田 佐藤 鈴木 高橋 田中 伊藤 渡辺 中村 小林 加藤 吉田",
        "",
        0,
    ),
    (0.02, "민준 서연 지훈 수빈 하은 도윤 예은", "김 이 박 최 정 강 조 윤", "", 0),
    (0.01, "محمد فاطمة أحمد مريم يوسف ليلى", "الحسن العلي منصور حداد خوري", "", 0),
    (0.01, "נועם תמר דוד מאיה יוסף שירה", "כהן לוי מזרחי פרץ ביטון", "", 0),
)
# scripts whose names are also typed without the blank
UNSPACED = (3, 4, 5)
_GOODS = [
    "mug",
    "lamp",
    "kettle",
    "chair",
    "basket",
    "towel",
    "candle",
    "vase",
    "blanket",
    "stool",
    "tray",
    "clock",
    "bowl",
    "plate",
    "pillow",
    "frame",
    "shelf",
    "jar",
]
_LOOKS = [
    "blue",
    "enamel",
    "oak",
    "linen",
    "copper",
    "rattan",
    "striped",
    "walnut",
    "ceramic",
    "woolen",
    "glass",
    "cork",
    "brass",
    "stone",
    "ivory",
    "green",
]
_CITIES = [
    "London",
    "Leeds",
    "Bristol",
    "York",
    "Seattle",
    "Portland",
    "Austin",
    "Denver",
    "Berlin",
    "Hamburg",
    "München",
    "Köln",
    "Paris",
    "Lyon",
    "Madrid",
    "Sevilla",
    "Oslo",
    "Bergen",
    "Kraków",
    "Gdańsk",
    "Accra",
    "Lagos",
    "Nairobi",
    "Mumbai",
    "Pune",
    "Osaka",
    "Seoul",
    "Porto",
    "Torino",
    "Bologna",
    "Dublin",
    "Galway",
    "Cardiff",
    "Bath",
]
_STREETS = [
    "Chalk Farm",
    "Mill",
    "Church",
    "Station",
    "High",
    "Park",
    "Victoria",
    "Kings",
    "Queens",
    "Green",
    "Abbey",
    "Castle",
    "Market",
    "Bridge",
    "Canal",
]
_ENDINGS = ["Road", "Street", "Lane", "Avenue", "Close", "Gardens", "Way"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing an order may have: its kind, script and number (1 is the commonest), as shown and as an address spells it."""

    kind: str
    script: int
    number: int
    shown: str
    plain: str = ""

    @property
    def words(self) -> list[str]:
        """What the index keeps of it."""
        words = (
            rules.mark_words(self.shown) if self.kind in {"sku", "postcode"} else rules.text_words(self.shown)
        )
        return sorted(words)

    @property
    def hashes(self) -> list[int]:
        return [rules.hash_of(word) for word in self.words]


def shares() -> list[float]:
    """The share of each script."""
    return [share for share, *_ in _SCRIPTS]


def entries(chance: random.Random, *, items: int = 2_000, postcodes: int = 20_000) -> Iterator[Entry]:
    """All of them."""
    for script, (_, given, family, syllables, tail) in enumerate(_SCRIPTS):
        yield from _numbered("given", script, given.split())
        names = [*family.split(), *_long_tail(chance, syllables.split(), tail)]
        yield from _numbered("family", script, list(dict.fromkeys(names)))
    for number in range(1, items + 1):
        goods = chance.choice(_GOODS)
        yield Entry("sku", 0, number, f"{goods[:4].upper()}-{number:04}")
        yield Entry("title", 0, number, f"{chance.choice(_LOOKS).title()} {chance.choice(_LOOKS)} {goods}")
    streets = [f"{name} {ending}" for name in _STREETS for ending in _ENDINGS]
    yield from _numbered("street", 0, streets)
    yield from _numbered("city", 0, _CITIES)
    yield from _numbered("postcode", 0, [_postcode(chance) for _ in range(postcodes)])


def _numbered(kind: str, script: int, shown: list[str]) -> Iterator[Entry]:
    for number, one in enumerate(shown, 1):
        yield Entry(kind, script, number, one, _spelled(one))


def _spelled(name: str) -> str:
    """As a mail address has it; empty when its letters are not of the Latin alphabet."""
    plain = "".join(c for c in fold(name) if c.isalpha())
    return plain if plain.isascii() else ""


def _long_tail(chance: random.Random, syllables: list[str], count: int) -> Iterator[str]:
    for _ in range(count):
        yield "".join(chance.choices(syllables, k=chance.choice((2, 3, 3, 4)))).title()


def _postcode(chance: random.Random) -> str:
    letters = "ABCDEFGHJKLMNPRSTUWXYZ"
    area, end = "".join(chance.choices(letters, k=2)), "".join(chance.choices(letters, k=2))
    return f"{area}{chance.randint(1, 29)} {chance.randint(1, 9)}{end}"
