package config

import (
	"fmt"
	"strings"
)

// Reference gives the table of all settings in Markdown, as it stands in docs/configuration.md.
func Reference() string {
	var c Config
	var b strings.Builder
	b.WriteString("| 配置项 key | 环境变量 variable | 参数 flag | 默认 default | 含义 meaning |\n|---|---|---|---|---|\n")
	for _, k := range keys(&c) {
		value := "–"
		if d := k.tag.Get("default"); d != "" {
			value = "`" + d + "`"
		}
		zh, en := k.tag.Get("zh"), k.tag.Get("en")
		if one := k.tag.Get("one"); one != "" {
			choices := "`" + strings.Join(strings.Fields(one), "` `") + "`"
			zh, en = zh+":"+choices, en+": "+choices
		}
		if least := k.tag.Get("least"); least != "" {
			zh, en = fmt.Sprintf("%s(%s 至 %s)", zh, least, k.tag.Get("most")), fmt.Sprintf("%s (%s to %s)", en, least, k.tag.Get("most"))
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | `--%s` | %s | %s<br>%s |\n", k.name, k.env(), k.flag(), value, zh, en)
	}
	return b.String()
}
