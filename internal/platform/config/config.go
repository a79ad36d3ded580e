// Package config gathers the settings of the program: built-in defaults, then linli.yaml, then LINLI_* variables, then
// flags; the later wins. Every value knows where it came from, a key that does not exist is an error that names the nearest
// one that does, and secrets are never shown.
package config

import (
	"net/netip"
	"strings"
	"time"

	"linli/internal/platform/lang"
)

// DefaultFile is read from the working folder when no file is named and it is there.
const DefaultFile = "linli.yaml"

// Timezone is that of all of China since 1949 and not a setting: deadlines follow the law's working days.
const Timezone = "Asia/Shanghai"

// Config is all that can be set. The tags are the documentation: Reference prints them. Durations are written like 30s, 15m,
// 12h or 7d, sizes like 512KB or 20MB.
type Config struct {
	Data      string `koanf:"data" default:"data" zh:"数据目录:内置数据库、附件、密钥文件都在其中" en:"folder of the data: embedded database, attachments, key file"`
	DB        string `koanf:"db" json:"-" secret:"url" zh:"PostgreSQL 地址,如 postgres://linli:密码@主机/linli;不填则使用数据目录中的内置数据库" en:"address of PostgreSQL, such as postgres://linli:password@host/linli; the embedded database when empty"`
	Listen    string `koanf:"listen" default:"127.0.0.1:8080" zh:"监听地址;对外服务时写 :8080,并在前面放置 HTTPS 代理" en:"address to listen on; :8080 to be reachable from outside, behind an HTTPS proxy"`
	PublicURL string `koanf:"public-url" zh:"居民访问的网址,用于二维码、短信和跳转;不填则用监听地址" en:"address residents use, for QR codes, messages and redirects; the listening address when empty"`
	Log       struct {
		Level  string `koanf:"level" default:"info" one:"debug info warn error" zh:"日志级别" en:"level of the log"`
		Format string `koanf:"format" default:"text" one:"text json" zh:"日志格式" en:"format of the log"`
	} `koanf:"log"`
	Lang           lang.Tag       `koanf:"lang" default:"zh" one:"zh en" zh:"默认语言;浏览器另有要求时以浏览器为准" en:"default language; a browser that asks for another gets it"`
	TrustedProxies []netip.Prefix `koanf:"trusted-proxies" zh:"可信代理的 IP 或网段;只有来自它们的 X-Forwarded-For 才被采信" en:"addresses or networks of proxies whose X-Forwarded-For is believed"`
	Session        struct {
		Lifetime time.Duration `koanf:"lifetime" default:"12h" least:"5m" most:"90d" zh:"登录多久后必须重新登录" en:"time after which one must sign in again"`
		Idle     time.Duration `koanf:"idle" default:"2h" least:"1m" most:"90d" zh:"无操作多久后自动退出" en:"time without any request after which one is signed out"`
	} `koanf:"session"`
	Reports struct {
		PerAddress int           `koanf:"per-address" default:"20" least:"1" most:"100000" zh:"同一 IP 在时间窗内最多匿名上报几次" en:"anonymous reports one IP address may send within the window"`
		PerPhone   int           `koanf:"per-phone" default:"10" least:"1" most:"100000" zh:"同一手机号在时间窗内最多匿名上报几次" en:"anonymous reports with one telephone number within the window"`
		Window     time.Duration `koanf:"window" default:"1h" least:"1m" most:"30d" zh:"匿名上报限次的时间窗" en:"the window in which anonymous reports are counted"`
	} `koanf:"reports"`
	Attachments struct {
		Image ByteSize `koanf:"image" default:"20MB" least:"64KB" most:"200MB" zh:"单张图片的大小上限" en:"largest picture"`
		File  ByteSize `koanf:"file" default:"50MB" least:"64KB" most:"2GB" zh:"其他单个附件的大小上限" en:"largest attachment of another kind"`
		Daily ByteSize `koanf:"daily" default:"300MB" least:"1MB" most:"1000GB" zh:"每个账号每天(北京时间)最多上传多少附件;文字不计" en:"most attachments an account may send a day (Beijing time); words are not counted"`
		Count int      `koanf:"count" default:"9" least:"1" most:"100" zh:"一次最多上传几个附件" en:"attachments that may be sent at once"`
	} `koanf:"attachments"`
	Overload struct {
		Requests    int      `koanf:"requests" default:"256" least:"8" most:"10000" zh:"最多同时处理多少个请求;处理变慢时自动减少,多出的请求稍等片刻或得到 503" en:"most requests worked on at once; fewer when they take long; the others wait a moment or get 503"`
		Bodies      ByteSize `koanf:"bodies" default:"256MB" least:"32MB" most:"64GB" zh:"内存中的请求内容合计上限" en:"most memory for the bodies of requests together"`
		Connections int      `koanf:"connections" default:"4096" least:"16" most:"1000000" zh:"最多同时保持多少个连接;满了就断开沉默最久的" en:"most connections kept at once; when all are taken the one silent for longest is closed"`
	} `koanf:"overload"`
	Map struct {
		Tiles       string `koanf:"tiles" zh:"地图底图的瓦片地址,含 {z}、{x}、{y},如 https://瓦片主机/{z}/{x}/{y}.png;本站路径以 / 开头。不填则地图只画边界和标记,不向任何人请求" en:"address of the tiles below maps, with {z}, {x} and {y}, such as https://host/{z}/{x}/{y}.png; a path of this site begins with /. When empty maps show outlines and marks only, and nobody is asked for anything"`
		Attribution string `koanf:"attribution" zh:"底图的版权说明和审图号,显示在地图角上" en:"whose the tiles are, with the approval number of the map; shown in the corner of maps"`
		Datum       string `koanf:"datum" default:"wgs84" one:"wgs84 gcj02" zh:"底图的坐标系;高德、腾讯等国内底图为 gcj02(只在显示时换算,保存的仍是 wgs84)" en:"datum of the tiles; those of Chinese providers are gcj02 (converted for display only, what is kept stays wgs84)"`
	} `koanf:"map"`
	SweepInterval time.Duration `koanf:"sweep-interval" default:"15s" least:"1s" most:"10m" zh:"多久检查一次到期的时钟" en:"how often clocks that have run out are looked for"`
	Models        string        `koanf:"models" zh:"治理模型目录,其中的文件覆盖内置的同名文件" en:"folder of governance models; its files replace the built-in ones of the same name"`
	Demo          bool          `koanf:"demo" default:"false" zh:"演示模式:使用虚构数据,界面上有标识" en:"demonstration: invented data, said so on the screen"`
}

// Location is the time zone of the program, known without a time zone database on the machine. (China has kept UTC+8
// without summer time since 1991.)
func (Config) Location() *time.Location { return time.FixedZone(Timezone, 8*60*60) }

// Show gives all settings as a file that could be loaded, secrets masked.
func (c Config) Show() string { return show(c, nil) }

// String is Show, so that no log can print a secret by accident.
func (c Config) String() string { return c.Show() }

// GoString is Show too.
func (c Config) GoString() string { return c.Show() }

// Sources tells where each value came from.
type Sources struct {
	of      map[string]string
	Ignored []string // LINLI_* variables that are no settings: worth a warning, since it may be a slip
}

// Of gives the source of a key: default, file linli.yaml:3, environment LINLI_LISTEN or flag --listen.
func (s Sources) Of(key string) string {
	if src, ok := s.of[key]; ok {
		return src
	}
	return "default"
}

// Show gives the settings with the source of each as a comment, secrets masked.
func (s Sources) Show(c Config) string { return show(c, &s) }

func show(c Config, from *Sources) string {
	var b strings.Builder
	section := ""
	for _, k := range keys(&c) {
		if head, _, nested := strings.Cut(k.name, "."); nested && head != section {
			section = head
			b.WriteString(head + ":\n")
		}
		indent := ""
		if strings.Contains(k.name, ".") {
			indent = "  "
		}
		b.WriteString(indent + k.name[strings.LastIndexByte(k.name, '.')+1:] + ": " + quoted(k.shown()))
		if from != nil {
			b.WriteString(" # " + from.Of(k.name))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// quoted gives a value as YAML that reads back as the same text, number or list.
func quoted(s string) string {
	if s != "" && !strings.ContainsAny(s, ":#\"'{}&*!|>%@`\n") && strings.TrimSpace(s) == s {
		return s
	}
	if strings.HasPrefix(s, "[") {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
