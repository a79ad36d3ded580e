package httpapi

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"linli/internal/platform/database"
)

// metrics are the figures of /metrics.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	refused  *prometheus.CounterVec
}

func newMetrics(reg *prometheus.Registry, _ *database.DB) *metrics {
	m := &metrics{registry: reg,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "linli_http_requests_total", Help: "Requests answered, by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "linli_http_request_seconds", Help: "Time to answer, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}}, []string{"route"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "linli_http_turned_away_total", Help: "Requests answered 503 before any work, by lane and reason."}, []string{"lane", "reason"}),
	}
	reg.MustRegister(m.requests, m.seconds, m.refused, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// turnedAway counts a request that was not let in.
func (m *metrics) turnedAway(lane string, why reason) {
	m.refused.WithLabelValues(lane, string(why)).Inc()
}

// watch shows how full the lanes are.
func (m *metrics) watch(o *overload) {
	for i := range o.lanes {
		lane := prometheus.Labels{"lane": laneNames[i]}
		gauge := func(name, help string, value func() float64) {
			m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: lane}, value))
		}
		gauge("linli_http_inside", "Requests being worked on.", func() float64 { n, _, _ := o.lanes[i].figures(); return float64(n) })
		gauge("linli_http_limit", "Requests that may be worked on at once, by how long they take now.", func() float64 { _, n, _ := o.lanes[i].figures(); return float64(n) })
		gauge("linli_http_waiting", "Requests waiting to be worked on.", func() float64 { _, _, n := o.lanes[i].figures(); return float64(n) })
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "linli_http_body_bytes", Help: "Memory set aside for bodies of requests."},
		func() float64 { return float64(o.bodies.used.Load()) }))
}

// follow shows how many clients follow events.
func (m *metrics) follow(s *streams) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "linli_http_streams", Help: "Clients that follow events."}, func() float64 { return float64(s.count()) }))
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func writeJSON(w io.Writer, v any) {
	// the connection may be gone; there is nobody left to tell
	_ = json.NewEncoder(w).Encode(v)
}
