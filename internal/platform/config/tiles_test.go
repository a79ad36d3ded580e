package config

import "testing"

func TestTilesComeFromOneHostThatAPolicyCanName(t *testing.T) {
	for tiles, want := range map[string]string{
		"":                       "",
		"/tiles/{z}/{x}/{y}.png": "",
		"https://tiles.example.cn/{z}/{x}/{y}.png":              "https://tiles.example.cn",
		"https://t0.example.cn:8443/w?x={x}&y={y}&l={z}&tk=abc": "https://t0.example.cn:8443",
		"http://127.0.0.1:9000/{z}/{x}/{y}.png":                 "http://127.0.0.1:9000",
		"http://[::1]:9000/{z}/{x}/{y}.png":                     "http://[::1]:9000",
	} {
		c := Config{}
		c.Map.Tiles = tiles
		if have, err := c.TileHost(); err != nil || have != want {
			t.Errorf("%q: %q, %v", tiles, have, err)
		}
	}
	for _, tiles := range []string{
		"tiles/{z}/{x}/{y}.png", "//tiles.example.cn/{z}/{x}/{y}.png", "http://tiles.example.cn/{z}/{x}/{y}.png", "https://tiles.example.cn/{z}/{x}.png",
		"https://tiles.example.cn/{z}/{z}/{x}/{y}.png", "https://{s}.example.cn/{z}/{x}/{y}.png", "https://{x}.example.cn/{z}/{y}.png",
		"https://me:word@tiles.example.cn/{z}/{x}/{y}.png", "https://tiles.example.cn; script-src */{z}/{x}/{y}.png", "https://*/{z}/{x}/{y}.png",
		"javascript:alert({z}{x}{y})", "data:image/png,{z}{x}{y}", "https:///{z}/{x}/{y}.png", `/\evil.example.cn/{z}/{x}/{y}.png`, "HTTPS://tiles.example.cn/{z}/{x}/{y}.png",
	} {
		c := Config{}
		c.Map.Tiles = tiles
		if have, err := c.TileHost(); err == nil {
			t.Errorf("%q is taken as %q", tiles, have)
		}
	}
}
