package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"linli/internal/platform/fault"
)

// largestHeader is the longest value of one header that is looked at; no client of ours comes near.
const largestHeader = 16 << 10

// malformed refuses what no operation should have to think of: text that is not UTF-8 or carries control
// characters, in the address or in a header that is kept, and headers out of all proportion.
func malformed(r *http.Request) error {
	for name, values := range r.Header {
		for _, v := range values {
			if len(v) > largestHeader {
				return fault.Newf(fault.TooLarge, "header-too-large", "请求头 %[1]s 太长", "The header %[1]s is too long", name)
			}
		}
	}
	wrong := fault.New(fault.Invalid, "invalid-request", "请求内容有误,请改正后再试", "The request needs correcting")
	if !plain(r.URL.Path) {
		wrong.At("path", "encoding", "地址须为 UTF-8,不含控制字符", "The address must be UTF-8 without control characters")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		wrong.At("query", "encoding", "查询参数写法有误", "The query is not well-formed")
	}
	for name, values := range query {
		if !plain(name) || !slices.ContainsFunc(values, func(v string) bool { return !plain(v) }) {
			continue
		}
		wrong.At("query."+name, "encoding", "须为 UTF-8,不含控制字符", "must be UTF-8 without control characters")
	}
	for name := range query {
		if !plain(name) {
			wrong.At("query", "encoding", "参数名须为 UTF-8,不含控制字符", "names of parameters must be UTF-8 without control characters")
			break
		}
	}
	for _, name := range []string{"User-Agent", "If-Match"} {
		if !plain(r.Header.Get(name)) {
			wrong.At("header."+name, "encoding", "须为 UTF-8,不含控制字符", "must be UTF-8 without control characters")
		}
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	return nil
}

// plain tells whether a word can be stored and shown on one line.
func plain(s string) bool { return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0 }

// nulIn begins the error that names the place of a NUL character.
const nulIn = "character NUL in "

// strictJSON reads JSON as people's words have to be kept: what is not UTF-8 is refused, where the standard
// library would quietly put another character, and so is the character NUL, which no database of text takes.
func strictJSON(data []byte, into any) error {
	if at := invalidUTF8(data); at >= 0 {
		return fmt.Errorf("not UTF-8 at byte %d", at)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return err
	}
	if !strings.Contains(string(data), `\u0000`) {
		return nil // the only way a NUL can be written
	}
	var all any
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	if where, found := findNUL(all, "body"); found {
		return errors.New(nulIn + where)
	}
	return nil
}

func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for at := 0; at < len(data); {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n == 1 {
			return at
		}
		at += n
	}
	return -1
}

// findNUL names the place of a NUL character in decoded JSON.
func findNUL(v any, where string) (string, bool) {
	switch v := v.(type) {
	case string:
		return where, strings.ContainsRune(v, 0)
	case []any:
		for i, item := range v {
			if at, found := findNUL(item, where+"["+strconv.Itoa(i)+"]"); found {
				return at, true
			}
		}
	case map[string]any:
		for key, item := range v {
			if strings.ContainsRune(key, 0) {
				return where, true
			}
			if at, found := findNUL(item, where+"."+key); found {
				return at, true
			}
		}
	}
	return "", false
}
