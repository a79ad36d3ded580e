package config

import (
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// ByteSize is a number of bytes, written like 512KB, 20MB or 2GB (powers of 1024).
type ByteSize int64

const sizeUnits = "KMGT"

// ParseByteSize reads 20MB, 20M, 20 mb or 20971520.
func ParseByteSize(s string) (ByteSize, error) {
	t := strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(s)), "B")
	unit := int64(1)
	if t != "" {
		if i := strings.IndexByte(sizeUnits, t[len(t)-1]); i >= 0 {
			unit, t = int64(1)<<(10*(i+1)), t[:len(t)-1]
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(t), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q is not a size like 512KB or 20MB", s)
	}
	return ByteSize(n * unit), nil
}

func (b ByteSize) String() string {
	n, unit := int64(b), "B"
	for i := 0; i < len(sizeUnits) && n != 0 && n%1024 == 0; i++ {
		n, unit = n/1024, sizeUnits[i:i+1]+"B"
	}
	return strconv.FormatInt(n, 10) + unit
}

// ParseDuration reads what time.ParseDuration does, and days: 7d, 1d12h. A bare number is refused: of what?
func ParseDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf("%q is not a duration like 30s, 15m, 12h or 7d", s)
	t := strings.TrimSpace(s)
	var days int64
	if head, rest, ok := strings.Cut(t, "d"); ok {
		n, err := strconv.ParseInt(head, 10, 32)
		if err != nil || n < 0 || n > 36500 {
			return 0, bad
		}
		if days, t = n, rest; t == "" {
			return time.Duration(days) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(t)
	if err != nil || d < 0 || t == "0" || d > 36500*24*time.Hour {
		return 0, bad
	}
	return time.Duration(days)*24*time.Hour + d, nil
}

func durationText(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String() // 12h0m0s
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// key is one setting: its place in a Config and its tags.
type key struct {
	name  string // log.level
	field reflect.Value
	tag   reflect.StructTag
}

func (k key) env() string {
	return "LINLI_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(k.name))
}

func (k key) flag() string { return strings.ReplaceAll(k.name, ".", "-") }

// keys lists the settings of a Config in the order of its fields.
func keys(c *Config) []key {
	var out []key
	var walk func(v reflect.Value, prefix string)
	walk = func(v reflect.Value, prefix string) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name := prefix + f.Tag.Get("koanf")
			if f.Type.Kind() == reflect.Struct {
				walk(v.Field(i), name+".")
				continue
			}
			out = append(out, key{name, v.Field(i), f.Tag})
		}
	}
	walk(reflect.ValueOf(c).Elem(), "")
	return out
}

// set puts a raw value from any layer into the field; the error says what is expected, and never repeats a secret.
func (k key) set(raw any) error {
	list, isList := raw.([]any)
	text := ""
	switch v := raw.(type) {
	case []any:
		parts := make([]string, len(list))
		for i, p := range list {
			parts[i] = fmt.Sprint(p)
		}
		text = strings.Join(parts, ",")
	case map[string]any:
		return fmt.Errorf("it takes a value, not a section")
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		text = fmt.Sprint(raw)
	}
	if _, takes := k.field.Interface().([]netip.Prefix); isList && !takes {
		return fmt.Errorf("it takes one value, not a list")
	}
	switch k.field.Interface().(type) {
	case ByteSize:
		n, err := ParseByteSize(text)
		k.field.SetInt(int64(n))
		return err
	case time.Duration:
		d, err := ParseDuration(text)
		k.field.SetInt(int64(d))
		return err
	case []netip.Prefix:
		prefixes, err := parsePrefixes(text)
		k.field.Set(reflect.ValueOf(prefixes))
		return err
	case int:
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		k.field.SetInt(int64(n))
	case bool:
		b, err := strconv.ParseBool(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		k.field.SetBool(b)
	default: // text of any name
		k.field.SetString(strings.TrimSpace(text))
	}
	return nil
}

func parsePrefixes(text string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if p, err := netip.ParsePrefix(part); err == nil {
			out = append(out, p.Masked())
		} else if a, err := netip.ParseAddr(part); err == nil && a.Zone() == "" {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
		} else {
			return nil, fmt.Errorf("%q is neither an address like 10.0.0.1 nor a network like 10.0.0.0/8", part)
		}
	}
	return out, nil
}

// shown is the value as text, secrets masked.
func (k key) shown() string {
	switch v := k.field.Interface().(type) {
	case time.Duration:
		return durationText(v)
	case []netip.Prefix:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = `"` + p.String() + `"`
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		if k.tag.Get("secret") != "" {
			return masked(fmt.Sprint(v))
		}
		return fmt.Sprint(v)
	}
}

// masked hides the password of an address, and the whole of what is none.
func masked(s string) string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "***"
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), "***")
	}
	if q := u.Query(); len(q) > 0 {
		for name := range q {
			if strings.Contains(strings.ToLower(name), "pass") {
				q.Set(name, "***")
			}
		}
		u.RawQuery = q.Encode()
	}
	return strings.ReplaceAll(u.String(), "%2A%2A%2A", "***")
}
