package claims

// TopicInput is a subject that statements are sorted under. Its slug is its id.
type TopicInput struct {
	Header
	Slug   string `json:"slug"`
	Name   string `json:"name"`
	Parent Ref    `json:"parent,omitzero"` // another topic
}

// Kind is KindTopic.
func (*TopicInput) Kind() Kind { return KindTopic }

// Check is as Input says.
func (in *TopicInput) Check(c *Check) {
	in.Header.check(c, KindTopic)
	if in.Key != "" {
		c.Add("/key", "key", "a topic is named by its slug and has no key")
	}
	if c.Required("/slug", in.Slug == "") {
		if err := CheckID(KindTopic, in.Slug); err != nil {
			c.Add("/slug", "slug", err.Error())
		}
		if in.Slug == "none" {
			c.Add("/slug", "slug", "none is what a filter calls the lack of a topic")
		}
	}
	c.Required("/name", in.Name == "")
	c.Name("/name", in.Name)
	c.Ref("/parent", in.Parent, KindTopic)
}

// Row is as Input says.
func (in *TopicInput) Row() any { return in }
