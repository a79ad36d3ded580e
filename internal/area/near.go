package area

// mostNear bounds the grids that lie around a point.
const mostNear = 6

// GridsNear lists the codes of the grids that lie within some metres of a point in WGS84, the one that holds it first, then
// by distance, six at most. It answers from memory.
func (s *Service) GridsNear(p Point, metres float64) []string {
	codes, _ := s.state.Load().ground().near(p, metres, mostNear)
	return codes
}
