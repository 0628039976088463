// Package sample holds three news articles entered in full: the records that
// ship with the service and that the documentation takes its examples from.
//
// sample.ndjson is the import stream: sources, topics, speakers, offices,
// articles, tenures, events, claims, statements with their reports and
// positions, and the links and mentions that join them. sentences.csv, beside
// it and not embedded, names every sentence of the articles with the records it
// went to, or says why it went nowhere; the reasons for hard decisions stand in
// its notes. docs/coding.md says how a further article is entered alike.
package sample

import _ "embed"

// Stream is the sample as an import stream (application/x-ndjson): one record
// a line, each with a key (a topic with its slug), its fields in the order of
// the input structs. It refers to countries and their governments (gov:XX),
// which it does not contain.
//
//go:embed sample.ndjson
var Stream []byte
