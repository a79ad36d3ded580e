package httpapi

import (
	"regexp"
	"strings"

	"linli/internal/platform/lang"
)

// fieldWording words what is wrong with a field that never reached a service: a machine code, and the
// sentence in both languages. pattern is that of the library's English sentence.
type fieldWording struct {
	pattern *regexp.Regexp
	code    string
	zh, en  string // $1 is what the pattern caught
}

func wording(pattern, code, zh, en string) fieldWording {
	return fieldWording{regexp.MustCompile(`^(?:` + pattern + `)$`), code, zh, en}
}

// fieldWordings are tried in order.
var fieldWordings = []fieldWording{
	wording(`unexpected property`, "unknown-field", "没有这个字段,请删去或检查拼写", "there is no such field; leave it out or check the spelling"),
	wording(`unknown query parameter`, "unknown-parameter", "没有这个参数,请删去或检查拼写", "there is no such parameter; leave it out or check the spelling"),
	wording(`expected required property (\S+) to be present`, "required", "缺少字段 $1", "the field $1 is missing"),
	wording(`required \S+ parameter is missing`, "required", "缺少这个参数", "the parameter is missing"),
	wording(`expected at most one value.*`, "repeated", "这个参数只能有一个", "the parameter can be there once only"),
	wording(`expected string to be RFC 3339 date-time|invalid date/time.*`, "date-time", "时间须写作 2026-11-21T09:00:00+08:00", "write the time as 2026-11-21T09:00:00+08:00"),
	wording(`expected string to be RFC 4122 uuid.*`, "uuid", "须为 UUID", "must be a UUID"),
	wording(`expected boolean|invalid boolean`, "boolean", "须为 true 或 false", "must be true or false"),
	wording(`expected integer|invalid integer`, "integer", "须为整数", "must be a whole number"),
	wording(`expected number|invalid float(?:ing value)?`, "number", "须为数字", "must be a number"),
	wording(`expected string`, "string", "须为文字", "must be text"),
	wording(`expected array`, "array", "须为列表", "must be a list"),
	wording(`expected object`, "object", "须为对象 {…}", "must be an object {…}"),
	wording(`expected value to be one of "(.*)"`, "choice", "须为其中之一:$1", "must be one of: $1"),
	wording(`expected number >=? ?(\S+)`, "too-small", "不能小于 $1", "must not be less than $1"),
	wording(`expected number <=? ?(\S+)`, "too-big", "不能大于 $1", "must not be more than $1"),
	wording(`expected length >= (\d+)`, "too-short", "至少 $1 个字", "must have at least $1 characters"),
	wording(`expected length <= (\d+)`, "too-long", "最多 $1 个字", "must have at most $1 characters"),
	wording(`expected array length >= (\d+)`, "too-few", "至少 $1 项", "must have at least $1 items"),
	wording(`expected array length <= (\d+)`, "too-many", "最多 $1 项", "must have at most $1 items"),
	wording(`request body is required`, "required", "缺少请求内容", "the body is missing"),
	wording(`request body is too large limit=(\d+) bytes`, "too-large", "超过上限 $1 字节", "more than $1 bytes"),
	wording(`request body read timeout`, "timeout", "内容没有及时传完,请检查网络后重试", "it did not arrive in time; check the network and try again"),
	wording(`cannot read request body`, "cut-off", "内容没有传完,请检查网络后重试", "it did not arrive whole; check the network and try again"),
	wording(`character NUL in .*`, "nul-character", "含有 NUL 字符,请删去", "it contains the character NUL; take it out"),
	wording(`not UTF-8 at byte (\d+)`, "encoding", "第 $1 字节处不是 UTF-8 编码", "it is not UTF-8 at byte $1"),
	wording(`unexpected end of JSON input`, "json", "JSON 不完整", "the JSON ends too early"),
	wording(`(?:invalid character|json: |exceeded max depth|invalid use|unexpected EOF)(.*)`, "json", "JSON 写法有误$1", "the JSON is not well-formed$1"),
}

// wordField gives the code and sentence for the library's sentence; one not known keeps its words.
func wordField(message string, tag lang.Tag) (code, text string) {
	for _, w := range fieldWordings {
		caught := w.pattern.FindStringSubmatch(message)
		if caught == nil {
			continue
		}
		text, detail := lang.T(w.zh, w.en).In(tag), ""
		if len(caught) > 1 {
			detail = strings.TrimSpace(caught[1])
		}
		if w.code == "json" && detail != "" {
			detail = ": " + detail
		}
		return w.code, strings.ReplaceAll(text, "$1", detail)
	}
	return "invalid", message
}
