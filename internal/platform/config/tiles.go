package config

import (
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// mostAttribution is what fits into the corner of a map on a telephone.
const mostAttribution = 200

var errTiles = errors.New("no address of tiles")

// tileHost is what may stand in a security policy: a name or an address, and a port. Nothing in it has a meaning there.
var tileHost = regexp.MustCompile(`^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?$`)

// TileHost gives the origin that browsers ask for the tiles of maps, such as https://tiles.example.cn; "" when it is this site
// itself, or when there are no tiles. The error is for an address that cannot be used.
func (c *Config) TileHost() (string, error) {
	tiles := c.Map.Tiles
	if tiles == "" {
		return "", nil
	}
	plain := tiles
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if strings.Count(tiles, part) != 1 {
			return "", errTiles
		}
		plain = strings.Replace(plain, part, "0", 1)
	}
	u, err := url.Parse(plain)
	if err != nil || strings.ContainsAny(plain, "{}\\ \"'<>") || u.Fragment != "" || u.User != nil {
		return "", errTiles
	}
	if u.Scheme == "" && u.Host == "" && strings.HasPrefix(plain, "/") {
		return "", nil
	}
	if !tileHost.MatchString(u.Host) || !strings.HasPrefix(tiles, u.Scheme+"://"+u.Host+"/") {
		return "", errTiles // also one whose host depends on the tile
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return "", errTiles
	}
	return u.Scheme + "://" + u.Host, nil
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
