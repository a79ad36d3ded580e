package config

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"pgregory.net/rapid"

	"linli/internal/platform/fault"
)

var update = flag.Bool("update", false, "write the reference into docs/configuration.md")

func written(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "linli.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func flags(t testing.TB, args ...string) *pflag.FlagSet {
	t.Helper()
	fs := pflag.NewFlagSet("linli", pflag.ContinueOnError)
	Flags(fs)
	fs.Bool("verbose", false, "a flag of the command itself")
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return fs
}

func TestWithoutAnySettingTheDefaultsHold(t *testing.T) {
	t.Chdir(t.TempDir())
	c, from, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != "data" || c.Listen != "127.0.0.1:8080" || c.DB != "" || c.Log.Level != "info" || c.Lang != "zh" || c.Demo ||
		c.Session.Lifetime != 12*time.Hour || c.Attachments.Image != 20<<20 || c.SweepInterval != 15*time.Second || c.Reports.PerAddress != 20 {
		t.Errorf("%+v", c)
	}
	if from.Of("listen") != "default" {
		t.Error(from.Of("listen"))
	}
	if got := time.Date(2026, 11, 21, 8, 0, 0, 0, c.Location()).UTC().Hour(); got != 0 {
		t.Errorf("eight in the morning is %d UTC", got)
	}
}

func TestTheLaterLayerWinsAndEachValueKnowsItsSource(t *testing.T) {
	path := written(t, "# settings\nlisten: :9000\ndata: /srv/linli\nlog:\n  level: warn\n  format: json\nattachments:\n  image: 5MB\n  count: 3\nsession: {lifetime: 7d}\ntrusted-proxies: [10.0.0.0/8, 127.0.0.1]\ndemo: true\ndb:\n")
	t.Setenv("LINLI_LISTEN", ":9001")
	t.Setenv("LINLI_DATA", "/srv/other")
	t.Setenv("LINLI_LOG_LEVEL", "") // empty: not set
	t.Setenv("LINLI_SWEEP_INTERVAL", "30s")
	t.Setenv("LINLI_LISTENN", "x")
	c, from, err := Load(path, flags(t, "--listen", ":9002", "--demo=false", "--verbose"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		key, got, want, source string
	}{
		{"listen", c.Listen, ":9002", "flag --listen"},
		{"demo", fmt.Sprint(c.Demo), "false", "flag --demo"},
		{"data", c.Data, "/srv/other", "environment LINLI_DATA"},
		{"sweep-interval", c.SweepInterval.String(), "30s", "environment LINLI_SWEEP_INTERVAL"},
		{"log.level", c.Log.Level, "warn", "file " + path + ":5"},
		{"log.format", c.Log.Format, "json", "file " + path + ":6"},
		{"attachments.image", c.Attachments.Image.String(), "5MB", "file " + path + ":8"},
		{"attachments.count", fmt.Sprint(c.Attachments.Count), "3", "file " + path + ":9"},
		{"session.lifetime", c.Session.Lifetime.String(), "168h0m0s", "file " + path + ":10"},
		{"attachments.file", c.Attachments.File.String(), "50MB", "default"},
	} {
		if v.got != v.want || from.Of(v.key) != v.source {
			t.Errorf("%s: %s from %s, want %s from %s", v.key, v.got, from.Of(v.key), v.want, v.source)
		}
	}
	if want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}; !slices.Equal(c.TrustedProxies, want) {
		t.Errorf("%v", c.TrustedProxies)
	}
	if !slices.Contains(from.Ignored, "LINLI_LISTENN") {
		t.Errorf("a mistyped variable goes unnoticed: %v", from.Ignored)
	}
}

func TestWrongSettingsNameTheKeyTheSourceAndTheWayOut(t *testing.T) {
	for _, c := range []struct {
		rule, yaml, key, code, says string
	}{
		{"an unknown key", "listn: :80\n", "listn", "config-unknown", "did you mean listen?"},
		{"an unknown key of a section", "db:\n  adress: x\n", "db.adress", "config-unknown", ":2)"},
		{"a key without its section", "level: debug\n", "level", "config-unknown", "did you mean log.level?"},
		{"underscores for hyphens", "public_url: http://x\n", "public_url", "config-unknown", "did you mean public-url?"},
		{"another case", "Listen: :80\n", "Listen", "config-unknown", "did you mean listen?"},
		{"a section with a value", "log: 5\n", "log", "config-unknown", "did you mean log.level?"},
		{"a value that is a section", "listen:\n  port: 5\n", "listen.port", "config-unknown", "did you mean listen?"},
		{"a level there is not", "log: {level: loud}\n", "log.level", "config-choice", "debug info warn error"},
		{"a language there is not", "lang: fr\n", "lang", "config-choice", "zh en"},
		{"a bare number as duration", "sweep-interval: 15\n", "sweep-interval", "config-value", "15m"},
		{"too short", "sweep-interval: 1ms\n", "sweep-interval", "config-range", "at least 1s"},
		{"too long", "session: {lifetime: 91d}\n", "session.lifetime", "config-range", "at most 90d and is 91d"},
		{"idle beyond lifetime", "session: {lifetime: 1h, idle: 2h}\n", "session.idle", "config-range", "longer than session.lifetime 1h"},
		{"too large", "attachments: {image: 1GB}\n", "attachments.image", "config-range", "at most 200MB"},
		{"not a size", "attachments: {image: big}\n", "attachments.image", "config-value", "20MB"},
		{"not a number", "reports: {per-phone: many}\n", "reports.per-phone", "config-value", "whole number"},
		{"a fraction", "reports: {per-phone: 1.5}\n", "reports.per-phone", "config-value", "whole number"},
		{"no limit at all", "reports: {per-phone: 0}\n", "reports.per-phone", "config-range", "at least 1"},
		{"not a bool", "demo: vielleicht\n", "demo", "config-value", "true nor false"},
		{"a listening address without port", "listen: localhost\n", "listen", "config-value", ":8080"},
		{"a port there is not", "listen: :70000\n", "listen", "config-value", ":8080"},
		{"a public address without scheme", "public-url: linli.cn\n", "public-url", "config-value", "https://"},
		{"another database", "db: mysql://root:geheim@h/x\n", "db", "config-value", "postgres://"},
		{"a proxy that is a name", "trusted-proxies: [proxy.local]\n", "trusted-proxies", "config-value", "10.0.0.0/8"},
		{"a list for one value", "data: [a, b]\n", "data", "config-value", "not a list"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			_, _, err := Load(written(t, c.yaml), nil)
			f := fault.Of(err)
			if f.Kind != fault.Invalid || f.Code != "config" || len(f.Fields) != 1 || f.Fields[0].Name != c.key || f.Fields[0].Code != c.code {
				t.Fatalf("%v", err)
			}
			if en := f.Fields[0].Text.EN; !strings.Contains(en, c.says) || !strings.Contains(en, "from ") || f.Fields[0].Text.ZH == "" {
				t.Errorf("says %q, want %q", en, c.says)
			}
			if strings.Contains(err.Error(), "geheim") {
				t.Errorf("the password is told: %v", err)
			}
		})
	}
}

func TestEveryWrongKeyIsReportedAtOnce(t *testing.T) {
	t.Setenv("LINLI_DEMO", "maybe")
	_, _, err := Load(written(t, "nonsense: 1\nlog: {level: 3, colour: red}\n"), flags(t, "--sweep-interval", "soon"))
	f := fault.Of(err)
	var got []string
	for _, w := range f.Fields {
		got = append(got, w.Name)
	}
	if !slices.Equal(got, []string{"nonsense", "log.colour", "sweep-interval", "demo"}) {
		t.Fatalf("%v: %v", got, err)
	}
	if !strings.Contains(err.Error(), "environment LINLI_DEMO") || !strings.Contains(err.Error(), "flag --sweep-interval") {
		t.Errorf("%v", err)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for rule, path := range map[string]string{
		"a named file must be there": filepath.Join(t.TempDir(), "none.yaml"),
		"a folder":                   t.TempDir(),
		"not YAML":                   written(t, "a: [\n"),
		"a list":                     written(t, "- a\n"),
		"a key twice":                written(t, "listen: :1\nlisten: :2\n"),
		"aliases":                    written(t, "data: &x a\nmodels: *x\n"),
		"too big":                    written(t, strings.Repeat("#\n", maxFile)),
	} {
		if _, _, err := Load(path, nil); !fault.HasCode(err, "config-file") {
			t.Errorf("%s: %v", rule, err)
		}
	}
	for _, empty := range []string{"", "# nothing\n", "---\n", "db:\nlog:\n"} {
		if _, _, err := Load(written(t, empty), nil); err != nil {
			t.Errorf("%q: %v", empty, err)
		}
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	for _, u := range []string{"postgres://linli:geheim@db:5432/linli", "postgres://linli@db/linli?password=geheim&sslmode=require", "postgresql://linli:gehe%2Fgeheim@db/l"} {
		t.Setenv("LINLI_DB", u)
		c, from, err := Load(written(t, ""), nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.DB != u {
			t.Errorf("%q", c.DB)
		}
		for _, text := range []string{c.Show(), from.Show(c), fmt.Sprint(c), fmt.Sprintf("%+v %#v", c, c)} {
			if strings.Contains(text, "geheim") || !strings.Contains(text, "***") || !strings.Contains(text, "@db") {
				t.Errorf("shows %s", text)
			}
		}
		if !strings.Contains(from.Show(c), "# environment LINLI_DB") {
			t.Error(from.Show(c))
		}
	}
}

func TestWhatIsShownCanBeLoaded(t *testing.T) {
	first, _, err := Load(written(t, "listen: \":9000\"\ntrusted-proxies: 10.1.2.3/8\nsession: {lifetime: 36h, idle: 90m}\nattachments: {image: 1536KB}\ndata: 'C:\\数据 # 1'\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := Load(written(t, first.Show()), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, first.Show())
	}
	if first.Show() != second.Show() || second.Data != `C:\数据 # 1` || second.Session.Idle != 90*time.Minute {
		t.Fatalf("%s\n%s", first, second)
	}
}

func TestAShorterLifetimeShortensTheIdleTimeNobodySet(t *testing.T) {
	c, _, err := Load(written(t, "session: {lifetime: 1h}\n"), nil)
	if err != nil || c.Session.Idle != time.Hour {
		t.Fatal(c.Session, err)
	}
}

func TestDurationsAndSizesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(1, int64(10*365*24*time.Hour)).Draw(t, "duration"))
		if got, err := ParseDuration(durationText(d)); err != nil || got != d {
			t.Fatalf("%v: %q reads as %v, %v", d, durationText(d), got, err)
		}
		b := ByteSize(rapid.Int64Range(0, 1<<50).Draw(t, "size"))
		if got, err := ParseByteSize(b.String()); err != nil || got != b {
			t.Fatalf("%d: %q reads as %d, %v", b, b, got, err)
		}
	})
	for _, bad := range []string{"", "5", "0", "-1h", "d", "1d1", "9999999d", "1w", "-1d"} {
		if d, err := ParseDuration(bad); err == nil {
			t.Errorf("%q reads as %v", bad, d)
		}
	}
	for _, bad := range []string{"", "MB", "-1", "1.5MB", "1PB", "99999999999T"} {
		if n, err := ParseByteSize(bad); err == nil {
			t.Errorf("%q reads as %v", bad, n)
		}
	}
}

func TestTheManualHoldsTheReference(t *testing.T) {
	const path, begin, end = "../../../docs/configuration.md", "<!-- reference:begin -->\n", "<!-- reference:end -->"
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(doc), begin)
	table, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no reference", path)
	}
	if *update {
		if err := os.WriteFile(path, []byte(head+begin+Reference()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != Reference() {
		t.Fatalf("%s is out of date; run go test ./internal/platform/config -update", path)
	}
	for _, k := range keys(new(Config)) {
		if k.tag.Get("zh") == "" || k.tag.Get("en") == "" {
			t.Errorf("%s is not explained", k.name)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("listen: :80\nlog: {level: x}\n")
	f.Add("db: postgres://a:b@c/d\n? [a]\n: b\n<<: {a: b}\n1: 2\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, _, err := Load(written(t, text), nil)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		if _, _, err := Load(written(t, c.Show()), nil); err != nil && c.DB == "" {
			t.Fatalf("%v\n%s", err, c.Show())
		}
	})
}
