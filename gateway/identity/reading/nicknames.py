"""Short and pet forms of given names, Turkish first: what people are called and what their papers say.

Only forms that stand for the same person's name: Ayşegül is a name of its own and no form of Ayşe.
"""

from __future__ import annotations

_TABLE = """
abdullah: apo abdul; abdurrahman: apo abdur; ahmet: ahmed ahmo amet; ali: alis aliko; alaattin: alaaddin alaeddin
aleyna: aley; arzu: arzum; asli: aslicik; ayse: ayso ayis aysecik aise; aysenur: nur; aysun: aysu
bahattin: bahaddin baho; bayram: bayro; bedriye: bedo; berat: bero; berkay: berk; betul: beto; bilal: bilo
burcu: burcum; busra: bus; cafer: caf; celalettin: celaleddin celal; cemal: cemo; cemalettin: cemal; cengiz: cengo
ceyda: ceydos; cigdem: cido; cuneyt: cuno; davut: davud; demet: demo; dilara: dilo; dilek: dilos; dursun: durso
ebru: ebruli; ekrem: eko; elif: elis elifcik; emine: emis emos; emrah: emo; ercument: ercu; erdogan: erdo
ertugrul: ertu; esra: esros; eyup: eyub; fahrettin: fahreddin; fatih: fato
fatma: fatos fatis fadime fatima fadik fato; fehmi: feho; ferhat: ferhad fero; feride: feris; fikret: fiko
gokhan: goko; gulsah: gulos; gulsen: gulo; gulsum: gulsume; guldane: gulo; habibe: habo; hacer: haco; halil: halo
halil ibrahim: halil; halime: halo; hamdi: hamdo; hanife: hano; hasan: haso hasko; hatice: hatis hatca hatun haticecik
havva: hava; hayriye: hayro; huseyin: hiso huso huseyn; ibrahim: ibo ibis ibram ibraam; ilker: ilko; ilknur: ilko
irfan: irfo; ismail: ismo smail isma; ismet: ismo; izzet: izo; kadir: kado kadircan; kadriye: kado; kamil: kamo
kazim: kazo; kemal: kemo; kemalettin: kemal; kubra: kubis; leyla: leylo; mahmut: mahmud mamut maho
mehmet: memo mehmed memet memis mamo mehmetcik; melahat: melo melis; melek: melos; melike: melis; meryem: meryo meri
mesut: mesud meso; metin: meto; mihriban: mihri; mine: minos; mithat: mito; muammer: muo
muhammed: muhammet muho mami mohammed; muharrem: muho; muhittin: muhyettin muho; mukerrem: muko; munevver: muno
murat: murad muro; mustafa: mistik mustik musto; muzaffer: muzo; nazli: nazos; nazmiye: nazmo
necmettin: necmeddin neco; nermin: nero; nevzat: nevo; nihat: niho; nilgun: nilu; nilufer: nilu nil
nizamettin: nizam nizo; nurettin: nureddin nuro; nurgul: nuro; nurhan: nuro; nuriye: nuro; okkes: oki
omer: omeriko omo; orhan: oro; osman: osi osmo osmancik; ozge: ozgos; ozlem: ozo; perihan: peri; pinar: pino
ramazan: ramo ramco; rasim: raso; recep: receb reco; refik: refo; resat: resad reso; ridvan: rido; rukiye: ruki rukos
sabahattin: sabahaddin sabo; sabriye: sabo; sadettin: sadeddin sado; sadik: sado; saliha: salo; salih: salo
selahattin: selahaddin selo; selami: selo; selim: selo; selma: selmos; semiha: semos; semra: semos
serafettin: serafeddin sero; serdar: sero; serife: serfe sero; serkan: sero; servet: sero; sevgi: sevgos; sevim: sevos
seyfettin: seyfi seyfeddin; sibel: sibos; sinan: sino; songul: sono; suleyman: sulo suleymancik; sultan: sulti
sukran: suku; sukru: sukrucuk suko; sule: sulos; semsettin: semsi semseddin; tahsin: taho; tayyip: tayyib
tugba: tugbis tubis; tuncay: tunco; turgut: turgo; ugur: uguro; umit: umid umo; ummuhan: ummu; vahit: vahid
veysel: veyso veys; yasar: yaso; yasemin: yasos yasmin; yasin: yaso; yilmaz: yilo; yunus: yuno
yusuf: yusup yuso yusif; zehra: zeho zehros; zekeriya: zeko; zeliha: zelis zeloz; zeynep: zeyno zeynepcik zeyneb
ziya: ziyo
alexander: alex sasha sandy aleks; alexandra: alex sandra sasha; andrew: andy drew; anthony: tony
anna: anya anne annie; benjamin: ben benny; catherine: cathy kate katie katherine; charles: charlie chuck
christine: chris tina; christopher: chris; daniel: dan danny; david: dave davey; deborah: debbie deb
dimitri: dima mitya; dorothy: dot dottie; edward: ed eddie ted ned; elizabeth: liz lizzie beth betty eliza
emily: emma em; francisco: paco pancho; francis: frank; franz: franzl; friedrich: fritz; george: georgie
giovanni: gianni; giuseppe: beppe pino; gregory: greg; hans: hansi johann johannes; heinrich: heinz heiner
helena: lena; henry: harry hank; isabella: bella isa; jacob: jake; james: jim jimmy jamie; jean: jeannot
jennifer: jen jenny; john: johnny jack jon; jonathan: jon; jose: pepe; joseph: joe joey; joshua: josh; karl: carl
katharina: kathi katja; kenneth: ken; konstantin: kostas; lawrence: larry; louis: lou
margaret: maggie meg peggy greta; maria: marie mary mia; matthew: matt; matthias: mathias matze
michael: mike mick michi micky; mikhail: misha; mohammad: mohammed muhammed mohamed muhammad; natalia: natasha
nicholas: nick nico nik; nikolai: kolya; olga: olya; patricia: pat patty trish; patrick: pat paddy; peter: pete
philip: phil; rebecca: becky; richard: rick dick richie; robert: bob bobby rob robbie; ronald: ron; samuel: sam sammy
sergei: seryozha; stephen: steve steven; susan: sue susie; svetlana: sveta; tatiana: tanya; theodore: ted theo
thomas: tom tommy; timothy: tim; valentina: valya; victoria: vicky tori; vladimir: vova volodya; wilhelm: willi
william: bill will billy liam; yekaterina: katya
"""


def _read() -> dict[str, frozenset[str]]:
    formal: dict[str, set[str]] = {}
    for entry in _TABLE.replace("\n", ";").split(";"):
        name, _, forms = entry.partition(":")
        for form in forms.split():
            formal.setdefault(form, set()).add(name.strip())
    return {form: frozenset(names) for form, names in formal.items()}


_FORMAL = _read()
_NOTHING: frozenset[str] = frozenset()


def formal_names(name: str) -> frozenset[str]:
    """The names on paper (folded) that a folded short form may stand for; none where it is no short form."""
    return _FORMAL.get(name, _NOTHING)


def are_forms_of_one(first: str, second: str) -> bool:
    """Whether one is a form of the other, or both are of a third."""
    of_first, of_second = formal_names(first), formal_names(second)
    return second in of_first or first in of_second or not of_first.isdisjoint(of_second)


def formal_name(name: str) -> str:
    """One name on paper for a form, the same for all forms of a name that has no other; else the form itself."""
    return min(_FORMAL[name]) if name in _FORMAL else name
