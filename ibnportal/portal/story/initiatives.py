"""The fictional initiatives of the story, each with the stage it is left in."""

from dataclasses import dataclass
from enum import IntEnum


class Stage(IntEnum):
    """How far an initiative goes; a later stage has been through the earlier ones."""

    DRAFT_1 = 10
    SUBMITTED_1 = 20
    ADMISSIBLE_1 = 30
    PITCHED = 40
    ADVISED_1 = 50
    DECIDED_1 = 60
    DRAFT_2 = 70
    SUBMITTED_2 = 80
    SUPPLEMENT = 90
    ADMISSIBLE_2 = 100
    EVALUATION = 110
    ADVISED_2 = 120
    DECIDED_2 = 130
    AGREEMENT = 140
    SIGNED = 150
    RUNNING = 160
    FIRST_TRANCHE = 170
    REPORTED = 180
    SETTLED = 190


@dataclass(frozen=True, slots=True)
class Initiative:
    """One initiative: what it is about, how far it goes and how it fares on the way.

    `turn` names the one special thing that happens to it ("" for the straight road). `strength` shifts its
    scores on the call's scale: 0 is good throughout. `yearly_cost` is the budget of one project year in euro.
    """

    key: str
    title: str
    summary: str
    keywords: str
    sector: str
    domain: str
    stage: Stage
    turn: str = ""
    is_demo: bool = False
    letters_1: int = 11
    letters_2: int = 31
    yearly_cost: int = 400_000
    strength: int = 0


INITIATIVES: tuple[Initiative, ...] = (
    Initiative(
        "bouw", "Circulaire Bouwketen Vlaanderen",
        "Bouwbedrijven, slopers en materiaalproducenten maken hergebruik van bouwelementen gewoon.",
        "bouw, hergebruik, materiaalpaspoort", "Bouw", "Circulaire economie", Stage.SETTLED,
        is_demo=True, letters_2=33, yearly_cost=440_000, strength=1,
    ),
    Initiative(
        "energie", "Energie buiten het Net",
        "Leveranciers van opslag en sturing helpen bedrijventerreinen zonder verzwaarde aansluiting vooruit.",
        "opslag, microgrid, sturing", "Energie", "Energiesystemen", Stage.REPORTED, letters_2=32, yearly_cost=400_000, strength=1,
    ),
    Initiative(
        "print", "Additieve Productie op Maat",
        "Maakbedrijven delen kennis en capaciteit om 3D-geprinte onderdelen in serie te leveren.",
        "3D-print, maakindustrie, series", "Maakindustrie", "Productietechnologie", Stage.FIRST_TRANCHE, yearly_cost=420_000, strength=1,
    ),
    Initiative(
        "gezondheid", "Gezondheidsdata voor Preventie",
        "Zorgtechnologiebedrijven en verzekeraars maken samen veilige preventiediensten.",
        "gezondheid, data, preventie", "Gezondheid", "Digitalisering", Stage.SIGNED, yearly_cost=380_000,
    ),
    Initiative(
        "batterij", "Tweede Leven voor Batterijen",
        "Een keten van inzameling tot nieuw product voor gebruikte batterijen van voertuigen.",
        "batterijen, recyclage, mobiliteit", "Mobiliteit", "Circulaire economie", Stage.AGREEMENT, yearly_cost=360_000,
    ),
    Initiative(
        "school", "Virtuele Opleidingsfabriek",
        "Immersieve opleiding voor technische beroepen, aangeboden aan individuele bedrijven.",
        "opleiding, virtuele realiteit", "Opleiding", "Digitalisering", Stage.DECIDED_2, turn="rejected", strength=-3,
    ),
    Initiative(
        "haven", "Slimme Binnenhavens",
        "Terminals, binnenvaart en verladers delen ligplaatsen en gegevens over vertragingen.",
        "binnenvaart, logistiek, gegevens delen", "Logistiek", "Digitalisering", Stage.DECIDED_2, turn="review", strength=-2,
        yearly_cost=350_000,
    ),
    Initiative(
        "isolatie", "Biogebaseerde Isolatie",
        "Telers, verwerkers en aannemers brengen isolatie uit vezelgewassen naar de markt.",
        "biomaterialen, isolatie, landbouw", "Bouw", "Bio-economie", Stage.ADVISED_2, yearly_cost=300_000, strength=-1,
    ),
    Initiative(
        "kwantum", "Kwantumveilige Communicatie",
        "Netwerkbedrijven en gebruikers bereiden zich samen voor op versleuteling die tegen kwantumcomputers bestand is.",
        "cybersecurity, kwantum", "ICT", "Cybersecurity", Stage.EVALUATION, yearly_cost=350_000,
    ),
    Initiative(
        "zorgrobot", "Robotica in de Zorg",
        "Robotbouwers en zorginstellingen testen samen hulpmiddelen op de werkvloer.",
        "robotica, zorg", "Gezondheid", "Robotica", Stage.ADMISSIBLE_2, yearly_cost=390_000,
    ),
    Initiative(
        "vezel", "Regionale Vezelgewassen",
        "Een korte keten voor vlas en hennep, van akker tot garen.",
        "vezels, landbouw, textiel", "Textiel", "Bio-economie", Stage.ADMISSIBLE_2, turn="inadmissible", letters_2=28,
    ),
    Initiative(
        "verpakking", "Herbruikbare Verpakkingen",
        "Producenten en winkelketens zetten samen een stelsel van herbruikbare verpakkingen op.",
        "verpakking, retail, logistiek", "Logistiek", "Circulaire economie", Stage.SUPPLEMENT, turn="expired",
    ),
    Initiative(
        "industrienet", "Veilige Industriële Netwerken",
        "Machinebouwers en beveiligingsbedrijven maken productienetwerken weerbaar.",
        "OT-security, industrie", "Maakindustrie", "Cybersecurity", Stage.SUPPLEMENT, turn="answered",
    ),
    Initiative(
        "sensor", "Fotonische Sensoren in Productie",
        "Sensormakers en fabrieken brengen fotonische meettechniek van het lab naar de lijn.",
        "fotonica, sensoren, kwaliteit", "Maakindustrie", "Fotonica", Stage.SUPPLEMENT, turn="asked", is_demo=True,
    ),
    Initiative(
        "hout", "Modulaire Houtbouw",
        "Houtbouwers en architecten standaardiseren koppelingen tussen modules van verschillende makers.",
        "houtbouw, modulair", "Bouw", "Productietechnologie", Stage.SUBMITTED_2,
    ),
    Initiative(
        "ferment", "Precisiefermentatie voor Voeding",
        "Voedingsbedrijven en biotechbedrijven schalen samen fermentatie op.",
        "fermentatie, voeding, biotech", "Voeding", "Biotechnologie", Stage.DRAFT_2, is_demo=True, letters_2=12,
    ),
    Initiative(
        "paspoort", "Digitaal Productpaspoort",
        "Bedrijven maken samen afspraken over de gegevens die een product meekrijgt.",
        "productdata, traceerbaarheid", "ICT", "Digitalisering", Stage.DECIDED_1, turn="preselected",
    ),
    Initiative(
        "stoom", "Stoom uit Reststromen",
        "Voedings- en papierbedrijven wekken samen stoom op uit reststromen; ze gaan verder met het productpaspoort.",
        "reststromen, energie", "Energie", "Energiesystemen", Stage.DECIDED_1, turn="merged",
    ),
    Initiative(
        "getij", "Getijdenenergie",
        "Een verkennend netwerk rond energie uit getijden in de Schelde.",
        "energie, water", "Energie", "Energiesystemen", Stage.DECIDED_1, turn="not_submitted",
    ),
    Initiative(
        "warmte", "Warmte voor Bedrijventerreinen",
        "Uitwisseling van restwarmte tussen bedrijven op hetzelfde terrein.",
        "restwarmte, bedrijventerrein", "Energie", "Energiesystemen", Stage.DECIDED_1, turn="merge",
    ),
    Initiative(
        "deel", "Deelmobiliteit op het Platteland",
        "Aanbieders van deelvoertuigen zoeken samen een haalbaar model buiten de stad.",
        "mobiliteit, deelsystemen", "Mobiliteit", "Mobiliteitsdiensten", Stage.DECIDED_1, turn="not_preselected",
    ),
    Initiative(
        "algen", "Algen en Alternatieve Eiwitten",
        "Kwekers en voedingsbedrijven zoeken samen afzet voor eiwit uit algen.",
        "algen, eiwit, voeding", "Voeding", "Bio-economie", Stage.ADVISED_1,
    ),
    Initiative(
        "tweeling", "Digitale Tweelingen voor Gebouwen",
        "Beheerders en softwarebedrijven delen modellen van gebouwen tijdens het gebruik.",
        "gebouwbeheer, simulatie", "Bouw", "Digitalisering", Stage.PITCHED,
    ),
    Initiative(
        "stad", "Stille Stadslogistiek",
        "Vervoerders en winkeliers leveren 's nachts stil en zonder uitstoot.",
        "logistiek, elektrisch, stad", "Logistiek", "Mobiliteit", Stage.ADMISSIBLE_1,
    ),
    Initiative(
        "drone", "Drones voor Natuurbeheer",
        "Dronebedrijven en terreinbeheerders ontwikkelen monitoring van natuurgebieden.",
        "drones, natuur", "Luchtvaart", "Sensoren", Stage.ADMISSIBLE_1, turn="inadmissible", letters_1=8,
    ),
    Initiative(
        "textiel", "Slimme Textielsortering",
        "Sorteerders en spinners maken ingezameld textiel weer tot grondstof.",
        "textiel, sortering, recyclage", "Textiel", "Circulaire economie", Stage.SUBMITTED_1,
    ),
    Initiative(
        "ruimte", "Materialen voor de Ruimtevaart",
        "Toeleveranciers onderzoeken samen nieuwe materialen voor kleine satellieten.",
        "ruimtevaart, materialen", "Luchtvaart", "Materialen", Stage.SUBMITTED_1, turn="withdrawn",
    ),
    Initiative(
        "binnenvaart", "Waterstof in de Binnenvaart",
        "Reders, werven en technologiebedrijven maken de binnenvaart klaar voor waterstof.",
        "waterstof, binnenvaart", "Scheepvaart", "Energiesystemen", Stage.DRAFT_1, is_demo=True, letters_1=7,
    ),
)  # fmt: skip
