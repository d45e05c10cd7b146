/**
 * Words that say nothing about what is sought, by language, without accents (as folding leaves them). They are indexed all
 * the same: a query of nothing else searches for them. They also tell languages apart.
 */
const LISTS: Readonly<Record<string, string>> = {
  en: `a an the this that these those and or nor but if then else of at by for with about against between into through during
    before after above below to from up down in out on off over under again further once here there when where why how all any
    both each few more most other some such no not only own same so than too very can will just should would could may might
    must shall i me my we our ours you your yours he him his she her hers it its they them their what which who whom am is are
    was were be been being have has had having do does did doing as until while because also upon per via etc`,
  de: `der die das den dem des ein eine einer eines einem einen und oder aber wenn dann als wie auch nicht kein keine nur noch
    schon sehr so zu zum zur von vom mit fur auf aus an am bei beim nach uber unter vor hinter neben zwischen durch gegen ohne
    um in im ist sind war waren sein hat haben hatte wird werden wurde kann konnen soll muss ich du er sie es wir ihr mich dich
    sich uns euch mein dein sein ihre dieser diese dieses was wer wo wann warum dass weil`,
  fr: `le la les l un une des du de d et ou mais donc or ni car ne pas plus que qui quoi dont ou ce cet cette ces se sa son ses
    mon ma mes ton ta tes notre nos votre vos leur leurs je tu il elle on nous vous ils elles me te lui en y a au aux dans par
    pour sur sous avec sans entre vers chez est sont etait etre avoir ont avait fait comme si tres aussi quand comment`,
  es: `el la los las un una unos unas lo al del de y e o u pero si no ni que quien cual como cuando donde por para con sin sobre
    entre hasta desde hacia en a ante bajo tras su sus mi mis tu tus nuestro nuestra este esta estos estas ese esa eso aquel yo
    nosotros ellos ella el usted se me te nos les le es son era fue ser estar esta hay ha han muy mas menos tambien ya`,
  it: `il lo la i gli le un uno una del dello della dei degli delle di a da in con su per tra fra al allo alla ai agli alle dal
    dalla nel nella sul sulla e ed o ma se non ne che chi cui come quando dove perche anche piu meno molto questo questa questi
    queste quello quella io tu lui lei noi voi loro mio mia suo sua mi ti si ci vi e sono era essere ha hanno avere`,
  pt: `o a os as um uma uns umas do da dos das de no na nos nas em ao aos por pelo pela para com sem sobre entre ate desde e ou
    mas se nao nem que quem qual como quando onde porque tambem mais menos muito este esta estes estas esse essa isso aquele eu
    tu ele ela nos eles elas meu minha seu sua me te lhe e sao era foi ser estar esta ha tem foram`,
  nl: `de het een en of maar als dan dat die dit deze van in op aan met voor door over onder naar bij uit om te tot tegen tussen
    zonder niet geen wel ook nog al zo er hier daar waar wie wat hoe waarom is zijn was waren worden werd heeft hebben had kan
    kunnen zal zou moet ik jij je hij zij ze wij we u mijn jouw hun haar ons onze zich`,
  sv: `och eller men om att det den de en ett som pa i av for med till fran vid under over mellan utan mot efter fore ar var vara
    varit har hade kan ska skulle inte ingen inget nagon nagot sa mycket mer mest har dar nar hur varfor vad vem jag du han hon
    vi ni dem mig dig sig min din sin vara er denna detta dessa`,
  da: `og eller men om at det den de en et som pa i af for med til fra ved under over mellem uden mod efter for er var vaere vaeret
    har havde kan skal skulle ikke ingen intet nogen noget sa meget mere mest her der nar hvordan hvorfor hvad hvem jeg du han
    hun vi i dem mig dig sig min din sin denne dette disse`,
  no: `og eller men om at det den de en et som pa i av for med til fra ved under over mellom uten mot etter for er var vaere vaert
    har hadde kan skal skulle ikke ingen ingenting noen noe sa mye mer mest her der nar hvordan hvorfor hva hvem jeg du han hun
    vi dere dem meg deg seg min din sin denne dette disse`,
  fi: `ja tai mutta jos etta se ne tama nama tuo nuo on ovat oli olivat olla ollut ei eivat en et emme ette kun kuin joka jotka
    mika mita missa mista mihin miksi miten kuka han he mina sina me te minun sinun hanen meidan teidan heidan myos vain niin
    hyvin enemman kanssa ilman ennen jalkeen`,
  hu: `a az egy es vagy de ha hogy nem is csak meg mar mint ki mi aki ami amely ez azt ezt ezek azok van volt voltak lesz lenni
    en te o mi ti ok engem teged neki hol mikor miert hogyan nagyon tobb alatt felett elott utan kozott nelkul`,
  ro: `un o unui unei niste al ai ale si sau dar daca nu ca care ce cine cum cand unde de la in pe cu fara din pentru despre
    intre prin spre sub peste este sunt era fi fost a au avea am ai eu tu el ea noi voi ei ele meu mea sau sa acest aceasta
    acesti acele mai foarte si doar`,
  ru: `и или но а если то что чтобы как так же не ни да бы ли в во на с со из к ко от до по за над под при про для без о об у я
    ты он она оно мы вы они меня тебя его ее нас вас их мой твой свой наш ваш этот эта это эти тот та те который кто где когда
    почему был была было были быть есть уже еще только очень`,
  tr: `bir ve veya ya da ama fakat eger ki ile icin gibi kadar gore daha en cok az ne kim nasil neden nicin nerede zaman bu su o
    bunlar sunlar onlar ben sen biz siz benim senin onun bizim sizin mi mu degil var yok olan olarak oldu olmak her hic sonra
    once`,
  cs: `a i nebo ale kdyz jestlize ze aby jako tak ne ani by v ve na s se z ze k ke od do po za nad pod pri pro bez o u ja ty on
    ona ono my vy oni me te ho ji nas vas jich muj tvuj svuj nas vas tento tato toto tyto ten ta to ktery kdo co kde kdy proc
    byl byla bylo byli byt je jsou jen jeste uz velmi`,
  ca: `el la els les un una uns unes lo al del de i o pero si no ni que qui qual com quan on per amb sense sobre entre fins des
    en a davant sota el seu la seva meu meva teu aquest aquesta aquests aquestes aquell jo tu ell ella nosaltres vosaltres ells
    es son era ser estar hi ha han molt mes menys tambe ja`,
  ar: `في من على الى إلى عن مع هذا هذه ذلك تلك التي الذي الذين ما لا لم لن ان أن إن كان كانت يكون هو هي هم نحن انا أنا انت أنت
    و او أو ثم لكن قد كل بعض بين عند حتى اذا إذا كما`,
  el: `ο η το οι τα του τησ των τον την και η αλλα αν οτι να θα δεν μην με σε για απο προσ κατα μετα χωρισ ωσ οπωσ που ποιοσ τι
    ποτε γιατι ειναι ηταν εχω εχει εγω εσυ αυτοσ αυτη αυτο εμεισ εσεισ αυτοι μου σου πολυ πιο`,
  he: `של את על עם אל אם או גם כי לא זה זאת זו אלה הוא היא הם הן אני אתה אנחנו יש אין היה היתה היו כל מה מי איך איפה מתי למה
    רק עוד יותר מאוד כמו בין אחרי לפני`,
};

const sets = new Map(Object.entries(LISTS).map(([language, words]) => [language, new Set(words.split(/\s+/))]));
const none: ReadonlySet<string> = new Set();

export const stopWordLanguages: readonly string[] = [...sets.keys()];

export const stopWords = (language: string): ReadonlySet<string> => sets.get(language) ?? none;
