package main

import (
	"fmt"
	"os"
	"strings"
)

// What stands between the markers is generated; the prose above and below is written by people.
const (
	beginMark = "<!-- bench:begin -->"
	endMark   = "<!-- bench:end -->"
)

// replaceGenerated puts a report into the generated section of a Markdown file.
func replaceGenerated(file, report string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading the document: %w", err)
	}
	replaced, err := between(string(text), report)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(replaced), 0o644)
}

func between(text, report string) (string, error) {
	above, rest, ok := strings.Cut(text, beginMark)
	_, below, closed := strings.Cut(rest, endMark)
	if !ok || !closed {
		return "", fmt.Errorf("the markers %s and %s are not there, in this order", beginMark, endMark)
	}
	return above + beginMark + "\n\n" + strings.TrimSpace(report) + "\n\n" + endMark + below, nil
}
