package claims

// The vocabularies of offices and ratings.
var (
	Capacities = &Vocabulary{"Capacity", []Term{
		{"substantive", "holds the office in its own right"},
		{"acting", "holds it for the time being"},
		{"disputed", "whether the holder holds it is contested"},
		{"de_facto", "exercises it without general recognition"},
	}}
	Reliabilities = &Vocabulary{"Reliability", []Term{
		{"A", "completely reliable"},
		{"B", "usually reliable"},
		{"C", "fairly reliable"},
		{"D", "not usually reliable"},
		{"E", "unreliable"},
		{"F", "cannot be judged: the absence of a rating, never a middle value"},
	}}
)

// The vocabularies of claims, positions and links.
var (
	ClaimSorts = &Vocabulary{"ClaimSort", []Term{
		{"fact", "can be true or false; the only sort that truth verdicts apply to"},
		{"prediction", "about what will be"},
		{"commitment", "about what its party binds itself to do or leave"},
		{"value", "about what is good, right or wanted"},
	}}
	ClaimStatuses = &Vocabulary{"ClaimStatus", []Term{
		{"open", "nobody asserts or denies it on this record"},
		{"asserted", "asserted or committed to, and not denied"},
		{"withdrawn", "all who asserted it have taken it back"},
		{"denied", "denied and asserted by nobody"},
		{"contested", "asserted by one and denied by another"},
		{"conceded", "an accused admits it"},
	}}
	ClaimRoles = &Vocabulary{"ClaimRole", []Term{
		{"accused", "is said to have done a wrong"},
		{"subject", "is what the claim is about, without a wrong"},
	}}
	Stances = &Vocabulary{"Stance", []Term{
		{"asserts", "says that it is so"},
		{"denies", "says that it is not so"},
		{"questions", "doubts it without denying it"},
		{"concedes", "admits it against the speaker's own interest"},
		{"commits", "binds the speaker's side to it"},
		{"declines", "says nothing about it when asked"},
		{"withdraws", "takes back an earlier position"},
	}}
	ClaimRelations = &Vocabulary{"ClaimRelation", []Term{
		{"implies", "if the first is so, the second is so"},
		{"narrows", "the first is a narrower form of the second"},
		{"negates", "both can't be so"},
	}}
	StatementRelations = &Vocabulary{"StatementRelation", []Term{
		{"responds_to", "answers the other"},
		{"repeats", "says again what the other said"},
		{"quotes", "gives the other's words"},
		{"clarifies", "says what the other meant"},
		{"retracts", "takes the other back"},
		{"disowns", "says that the other was never said"},
	}}
)

// The vocabularies of events.
var (
	EventKinds = &Vocabulary{"EventKind", []Term{
		{"interview", "somebody is asked in public or for publication"},
		{"press_conference", "journalists are assembled to be told and to ask"},
		{"speech", "somebody addresses an audience"},
		{"publication", "a document is made public"},
		{"meeting", "representatives come together"},
		{"talks", "sides negotiate"},
		{"mediation", "a third party tries to settle a dispute"},
		{"agreement", "sides agree on something binding"},
		{"ceasefire", "sides stop fighting"},
		{"visit", "an official goes to another country or place"},
		{"handover", "persons or things pass from one side to another"},
		{"release", "somebody held is let go"},
		{"recognition", "a state or government is recognised"},
		{"attack", "violence whose means is unknown or none of the others"},
		{"airstrike", "an attack from the air, drones included"},
		{"shelling", "an attack by artillery, rockets or mortars"},
		{"bombing", "an attack by explosives set or carried, suicide attacks included"},
		{"clash", "armed sides fight each other"},
		{"incursion", "an armed side crosses into another's territory"},
		{"assassination", "a chosen person is killed"},
		{"capture", "an armed side takes persons or places"},
		{"raid", "security forces search or storm a place"},
		{"arrest", "security forces take persons into custody"},
		{"seizure", "security forces take goods"},
		{"deployment", "forces are moved to a place"},
		{"exercise", "forces train or are trained"},
		{"withdrawal", "forces leave a place"},
		{"border_closure", "a border or crossing is closed"},
		{"expulsion", "persons are made to leave a country"},
		{"election", "voters elect"},
		{"vote", "a body votes"},
		{"ruling", "a court or comparable body decides"},
		{"appointment", "somebody is put into an office"},
		{"protest", "people demonstrate"},
		{"ceremony", "a formal occasion: graduation, oath, funeral"},
		{"sanction", "a state or body restricts another's rights or means"},
		{"trade_measure", "a state restricts, suspends or opens trade"},
		{"aid", "help is given"},
		{"disaster", "harm by nature"},
		{"accident", "harm that nobody meant"},
		{"other", "none of these"},
	}}
	ParticipantRoles = &Vocabulary{"ParticipantRole", []Term{
		{"perpetrator", "is said to have done it"},
		{"suspect", "is suspected of it"},
		{"target", "it was aimed at"},
		{"victim", "suffered from it"},
		{"responsibility_claimed", "says that its own side did it"},
		{"captor", "holds or took somebody"},
		{"captive", "is held or was taken"},
		{"host", "it took place with or at"},
		{"mediator", "stands between the sides"},
		{"requester", "asked for it"},
		{"recipient", "received something or somebody"},
		{"party", "is one of the sides"},
		{"speaker", "spoke at it"},
		{"interviewer", "asked at it"},
		{"attendee", "was there"},
	}}
	Metrics = &Vocabulary{"Metric", []Term{
		{"killed", "persons killed"},
		{"injured", "persons injured"},
		{"missing", "persons missing"},
		{"captured", "persons captured in fighting"},
		{"detained", "persons taken into custody"},
		{"released", "persons let go"},
		{"displaced", "persons driven from their homes"},
		{"seized", "goods taken by authorities, in the unit given"},
		{"participants", "persons or bodies that took part"},
		{"money", "a sum, in the currency given as unit (ISO 4217)"},
		{"percent", "a share of a hundred"},
		{"count", "a number of anything else, named by unit"},
		{"other", "none of these"},
	}}
	Precisions = &Vocabulary{"Precision", []Term{
		{"exact", "the spot itself"},
		{"city", "the city or town"},
		{"district", "the district"},
		{"province", "the province"},
		{"country", "the country"},
	}}
	EventRelations = &Vocabulary{"EventRelation", []Term{
		{"follows", "came after the other and out of it"},
		{"retaliates_for", "was done in return for the other"},
		{"prompted_by", "was occasioned by the other"},
	}}
	MentionRoles = &Vocabulary{"MentionRole", []Term{
		{"subject", "the article is about it"},
		{"occasion", "what the article reports was said at it"},
		{"background", "told as background"},
		{"cause_given", "given as the cause of something"},
		{"related", "named beside the subject"},
	}}
)

// The vocabularies of assessments and tips.
var (
	Verdicts = &Vocabulary{"Verdict", []Term{
		{"true", "true"},
		{"mostly_true", "true but for something minor"},
		{"mixed", "partly true, partly false"},
		{"misleading", "true in its words, false in what it suggests"},
		{"mostly_false", "false but for something minor"},
		{"false", "false"},
		{"unproven", "neither shown nor refuted"},
	}}
	TipStatuses = &Vocabulary{"TipStatus", []Term{
		{"new", "not yet read"},
		{"accepted", "right; the change that it led to is named"},
		{"rejected", "read and not followed"},
	}}
)

// ImportStates are what has become of an import.
var ImportStates = &Vocabulary{"ImportState", []Term{
	{"queued", "has been read and waits for others to be written"},
	{"running", "is being read or written"},
	{"done", "everything is stored"},
	{"partial", "lines were left out, all others are stored"},
	{"failed", "nothing was written"},
	{"reverted", "was stored and has been taken back"},
}}
