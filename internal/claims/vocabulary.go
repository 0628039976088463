package claims

import (
	"strings"
	"unicode"
)

// A Term is one value of a closed vocabulary with the line that defines it.
type Term struct{ Value, Line string }

// A Vocabulary is a closed list of values. It stands in three places that a
// test holds equal: here, as a CHECK in the database and as an enum in
// openapi.yaml.
type Vocabulary struct {
	Name  string // the schema's name in openapi.yaml
	Terms []Term
}

// Has reports whether value belongs to the vocabulary.
func (v *Vocabulary) Has(value string) bool {
	for _, t := range v.Terms {
		if t.Value == value {
			return true
		}
	}
	return false
}

// Values lists the vocabulary's values in their documented order.
func (v *Vocabulary) Values() []string {
	values := make([]string, len(v.Terms))
	for i, t := range v.Terms {
		values[i] = t.Value
	}
	return values
}

// Plural is what its values are looked up under: statement-kinds.
func (v *Vocabulary) Plural() string {
	var out strings.Builder
	for i, r := range v.Name {
		if unicode.IsUpper(r) && i > 0 {
			out.WriteByte('-')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	name := out.String()
	switch {
	case name == "medium":
		return "media"
	case strings.HasSuffix(name, "s"), strings.HasSuffix(name, "ch"):
		return name + "es"
	case strings.HasSuffix(name, "y"):
		return strings.TrimSuffix(name, "y") + "ies"
	}
	return name + "s"
}

// Vocabularies lists every closed vocabulary of the model (DOMAIN model §3).
var Vocabularies = []*Vocabulary{
	Reviews, CountryStatuses, AliasKinds, SpeakerKinds, SourceKinds,
	StatementKinds, Voices, Recurrences, Media, TargetRoles, ConditionSenses, ConditionOutcomes,
	Matches, RenderingParts, RenderingForms, Attributions,
	Capacities, Reliabilities, ClaimSorts, ClaimStatuses, ClaimRoles, Stances, ClaimRelations, StatementRelations,
	EventKinds, ParticipantRoles, Metrics, Precisions, EventRelations, MentionRoles, Verdicts, TipStatuses, ImportStates,
}

// The vocabularies that every record shares.
var (
	Reviews = &Vocabulary{"Review", []Term{
		{"machine", "entered by a program or not yet read by a person"},
		{"single", "read by one person"},
		{"second_read", "read by a second person who agreed"},
	}}
	AliasKinds = &Vocabulary{"AliasKind", []Term{
		{"alternative", "another name in use"},
		{"demonym", "the name of its people"},
		{"metonym", "a place or institution named for the government"},
		{"former_name", "a name borne earlier"},
		{"transliteration", "the name carried over from another script"},
		{"acronym", "the name shortened to initials"},
	}}
)

// The vocabularies of countries, speakers and sources.
var (
	CountryStatuses = &Vocabulary{"CountryStatus", []Term{
		{"state", "a state in the present"},
		{"former", "a state or territory that has ceased to be"},
		{"disputed", "statehood or sovereignty contested"},
		{"dependency", "a territory that belongs to a state"},
	}}
	SpeakerKinds = &Vocabulary{"SpeakerKind", []Term{
		{"person", "one human being"},
		{"government", "the government of a country as one voice"},
		{"ministry", "a ministry or comparable civil state agency"},
		{"military", "armed forces of a state or a part of them"},
		{"security_service", "police, intelligence or border service"},
		{"legislature", "a parliament or a chamber of one"},
		{"court", "a court or tribunal"},
		{"party", "a political party"},
		{"armed_group", "an armed group that is no state's forces"},
		{"intergovernmental", "an organisation of states or one of its bodies"},
		{"media", "an outlet when it speaks in its own voice"},
		{"religious_body", "a religious institution"},
		{"company", "a business"},
		{"ngo", "a non-governmental organisation"},
		{"community", "a people, tribe, diaspora or public"},
		{"collective", "several unnamed persons of one side: “Pakistani officials”"},
		{"anonymous", "one unnamed person: “a senior official”"},
	}}
	SourceKinds = &Vocabulary{"SourceKind", []Term{
		{"agency", "news agency"},
		{"newspaper", "newspaper or magazine"},
		{"broadcaster", "television or radio"},
		{"online", "outlet that publishes online only"},
		{"aggregator", "site that collects what others publish"},
		{"government", "publication of a state body"},
		{"intergovernmental", "publication of an organisation of states"},
		{"fact_checker", "outlet that rates what others say"},
		{"social", "account on a social network"},
		{"think_tank", "research institute"},
		{"other", "none of these"},
	}}
)

// The vocabularies of statements.
var (
	StatementKinds = &Vocabulary{"StatementKind", []Term{
		{"announcement", "makes known a decision, a plan or an act of one's own side"},
		{"assertion", "says that something is so, blaming nobody"},
		{"allegation", "names a doer and a wrong"},
		{"denial", "says that what is alleged is not so"},
		{"threat", "the speaker's own side will do harm, with or without a condition"},
		{"warning", "harm may come, from elsewhere than the speaker's own side"},
		{"prediction", "says what will be, without harm or promise"},
		{"demand", "requires another to act, as of right"},
		{"request", "asks another to act"},
		{"order", "directs somebody who has to obey"},
		{"promise", "binds the speaker's side to do or leave something"},
		{"offer", "proposes something that the other may take up"},
		{"appeal", "calls on many or on no one in particular"},
		{"refusal", "says that the speaker's side will not do what is wanted"},
		{"acknowledgement", "admits or recognises something, also one's own part in it"},
		{"justification", "gives the reason for an act of one's own side"},
		{"assessment", "judges how things stand or are developing"},
		{"condemnation", "takes a wrong as given and disapproves of it"},
		{"praise", "approves of another's act or character"},
		{"support", "sides with another or with its cause"},
		{"confirmation", "says that what another said is so"},
		{"retraction", "takes back what the speaker said"},
		{"apology", "expresses regret for a wrong of one's own side"},
		{"courtesy", "greeting, condolence, congratulation, thanks"},
		{"claim_of_responsibility", "says that one's own side did it"},
		{"no_comment", "declines to say"},
		{"other", "none of these"},
	}}
	Voices = &Vocabulary{"Voice", []Term{
		{"attributed", "said by a speaker whom an article reports"},
		{"editorial", "a contestable sentence of the outlet itself, spoken by its media speaker"},
	}}
	Recurrences = &Vocabulary{"Recurrence", []Term{
		{"once", "said on one occasion"},
		{"repeated", "said on several occasions that the source does not tell apart"},
		{"standing", "held over time: “has consistently maintained”"},
	}}
	Media = &Vocabulary{"Medium", []Term{
		{"interview", "answers to an interviewer"},
		{"press_conference", "to assembled journalists"},
		{"speech", "an address to an audience"},
		{"document", "an official text, report or court paper"},
		{"written", "an article, letter or written reply"},
		{"social_media", "a post of the speaker's own"},
		{"broadcast", "on air, but no interview"},
		{"meeting", "said in a meeting or talks"},
		{"private", "said in private and made known by somebody"},
		{"unknown", "the article does not say"},
	}}
	TargetRoles = &Vocabulary{"TargetRole", []Term{
		{"addressee", "to whom the statement is directed"},
		{"object", "against or about whom the act is done"},
		{"victim", "who is said to suffer"},
		{"beneficiary", "who is said to gain"},
		{"mentioned", "named without any of these parts"},
	}}
	ConditionSenses = &Vocabulary{"ConditionSense", []Term{
		{"if", "it will be so if the condition holds"},
		{"unless", "it will be so unless the condition holds"},
	}}
	ConditionOutcomes = &Vocabulary{"ConditionOutcome", []Term{
		{"met", "the condition came about"},
		{"broken", "the condition was broken or can no longer come about"},
	}}
)

// The vocabularies of reports and their renderings.
var (
	Matches = &Vocabulary{"Match", []Term{
		{"explicit", "the article itself says which act of speech it reports"},
		{"inferred", "that it is this act of speech is the coder's conclusion; a note says why"},
	}}
	RenderingParts = &Vocabulary{"RenderingPart", []Term{
		{"headline", "the article's title"},
		{"lead", "its first paragraph"},
		{"body", "its running text"},
		{"caption", "text to a picture"},
		{"teaser", "text that advertises the article elsewhere"},
	}}
	RenderingForms = &Vocabulary{"RenderingForm", []Term{
		{"quotation", "a whole clause in quotation marks"},
		{"partial_quotation", "some words in quotation marks"},
		{"paraphrase", "in the outlet's words"},
		{"inference", "what the outlet concludes that the speaker meant"},
	}}
	Attributions = &Vocabulary{"Attribution", []Term{
		{"explicit", "the sentence names who said it"},
		{"carried_over", "the speaker follows from the sentences before"},
		{"unclear", "whether the speaker or the outlet says it cannot be told"},
		{"own_voice", "the outlet says it in its own name"},
	}}
)
