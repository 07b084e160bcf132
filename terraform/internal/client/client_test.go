package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// recorded is one request as the server got it.
type recorded struct {
	method string
	path   string
	header http.Header
	body   string
}

// fakeAPI answers the n-th request by the n-th reply; the last one repeats.
type fakeAPI struct {
	mutex    sync.Mutex
	requests []recorded
	replies  []func(http.ResponseWriter)
}

func (f *fakeAPI) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	f.mutex.Lock()
	f.requests = append(f.requests, recorded{request.Method, request.URL.RequestURI(), request.Header.Clone(), string(body)})
	reply := f.replies[min(len(f.requests), len(f.replies))-1]
	f.mutex.Unlock()
	reply(writer)
}

func status(code int, body string, headers ...string) func(http.ResponseWriter) {
	return func(writer http.ResponseWriter) {
		for index := 0; index < len(headers); index += 2 {
			writer.Header().Set(headers[index], headers[index+1])
		}
		writer.WriteHeader(code)
		_, _ = io.WriteString(writer, body)
	}
}

// reset closes the connection without a reply.
func reset(http.ResponseWriter) { panic(http.ErrAbortHandler) }

func envelope(code, message string) string {
	return fmt.Sprintf(`{"error": {"code": %q, "message": %q, "detail": {}}}`, code, message)
}

// clientOf returns a client that hardly waits between two attempts.
func clientOf(t *testing.T, replies ...func(http.ResponseWriter)) (*Client, *fakeAPI) {
	t.Helper()
	api := &fakeAPI{replies: replies}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	client, err := New(Options{
		Endpoint: server.URL + "/api/v1/", Token: "dbx_x", Org: "main", UserAgent: "test", RetryWaitMin: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client, api
}

const web = `{"id": 12, "org": "main", "name": "web", "env": null, "status": "running", "generation": 1, "observed_generation": 1}`

func TestRequestsAreRepeated(t *testing.T) {
	refusals := map[string]func(http.ResponseWriter){
		"429":         status(429, envelope("rate_limited", "Slow down.")),
		"503":         status(503, envelope("service_unavailable", "The database is away.")),
		"502":         status(502, "<html>"),
		"504":         status(504, "<html>"),
		"reset":       reset,
		"in progress": status(409, envelope("idempotency_in_progress", "The first request is still running.")),
	}
	for name, refusal := range refusals {
		t.Run(name, func(t *testing.T) {
			client, api := clientOf(t, refusal, refusal, status(201, web))
			made, err := Create[Container](context.Background(), client, "", "/containers/", map[string]string{"name": "web"})
			if err != nil || made.ID != 12 {
				t.Fatalf("got %+v, %v", made, err)
			}
			if len(api.requests) != 3 {
				t.Fatalf("%d requests", len(api.requests))
			}
			first := api.requests[0]
			if first.header.Get("Idempotency-Key") == "" {
				t.Error("no Idempotency-Key")
			}
			for _, request := range api.requests {
				if request.body != `{"name":"web"}` || request.header.Get("Idempotency-Key") != first.header.Get("Idempotency-Key") {
					t.Errorf("attempts differ: %+v", request)
				}
			}
		})
	}
}

func TestEachPostHasItsKey(t *testing.T) {
	client, api := clientOf(t, status(201, web))
	for range 2 {
		if _, err := Create[Container](context.Background(), client, "", "/containers/", nil); err != nil {
			t.Fatal(err)
		}
	}
	keys := []string{api.requests[0].header.Get("Idempotency-Key"), api.requests[1].header.Get("Idempotency-Key")}
	if keys[0] == keys[1] {
		t.Error("two creates have one key")
	}
	if api.requests[0].body != "" || api.requests[0].header.Get("Content-Type") != "" {
		t.Errorf("a POST without a body sends %+v", api.requests[0])
	}
}

func TestRequestsThatAreNotRepeated(t *testing.T) {
	for _, code := range []int{400, 401, 403, 404, 409, 412, 422, 500} {
		client, api := clientOf(t, status(code, envelope("some_code", "Some message."), "X-Request-Id", "r1"))
		_, err := Read[Container](context.Background(), client, "", "/containers/12/")
		var reply *Error
		if !errors.As(err, &reply) || reply.Status != code || reply.Code != "some_code" || reply.Message != "Some message." {
			t.Errorf("%d: %v", code, err)
		}
		if len(api.requests) != 1 {
			t.Errorf("%d: %d requests", code, len(api.requests))
		}
	}
}

func TestRetriesEnd(t *testing.T) {
	client, api := clientOf(t, status(503, envelope("service_unavailable", "The database is away.")))
	_, err := Read[Container](context.Background(), client, "", "/containers/12/")
	var reply *Error
	if !errors.As(err, &reply) || reply.Status != 503 {
		t.Errorf("got %v", err)
	}
	if len(api.requests) != defaultRetryMax+1 {
		t.Errorf("%d requests", len(api.requests))
	}
}

func TestRetriesAreCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	client, api := clientOf(t, func(writer http.ResponseWriter) {
		status(429, envelope("rate_limited", "Slow down."), "Retry-After", "3600")(writer)
		// The client has the reply, or is about to get it: either way it must not wait a minute.
		cancel()
	})
	if _, err := Read[Container](ctx, client, "", "/containers/12/"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if len(api.requests) != 1 {
		t.Errorf("%d requests", len(api.requests))
	}
}

func TestBackoff(t *testing.T) {
	asks := func(value string) *http.Response {
		return &http.Response{Header: http.Header{"Retry-After": {value}}}
	}
	// Far enough for a pause of the machine before it is looked at.
	soon := time.Now().Add(55 * time.Second).UTC().Format(http.TimeFormat)
	cases := map[string]struct {
		response *http.Response
		attempt  int
		min, max time.Duration
	}{
		"first":            {nil, 0, 250 * time.Millisecond, 500 * time.Millisecond},
		"third":            {nil, 2, time.Second, 2 * time.Second},
		"hundredth":        {nil, 100, 15 * time.Second, 30 * time.Second},
		"seconds":          {asks("7"), 0, 7 * time.Second, 7500 * time.Millisecond},
		"too many seconds": {asks("3600"), 0, time.Minute, time.Minute},
		"a date":           {asks(soon), 0, 30 * time.Second, 56 * time.Second},
		"a past date":      {asks("Mon, 02 Jan 2006 15:04:05 GMT"), 0, 0, 500 * time.Millisecond},
		"nonsense":         {asks("soon"), 0, 250 * time.Millisecond, 500 * time.Millisecond},
	}
	for name, c := range cases {
		seen := map[time.Duration]bool{}
		for range 100 {
			wait := backoff(defaultRetryWaitMin, retryWaitMax, c.attempt, c.response)
			if wait < c.min || wait > c.max {
				t.Fatalf("%s: %s is not within %s and %s", name, wait, c.min, c.max)
			}
			seen[wait] = true
		}
		if c.min < c.max && len(seen) < 2 {
			t.Errorf("%s: no jitter", name)
		}
	}
}

func TestListFollowsPages(t *testing.T) {
	page := func(next string, ids ...int) func(http.ResponseWriter) {
		results := []string{}
		for _, id := range ids {
			results = append(results, fmt.Sprintf(`{"id": %d}`, id))
		}
		return status(200, fmt.Sprintf(`{"next": %s, "previous": null, "results": [%s]}`, next, strings.Join(results, ",")))
	}
	// The host of next is the server's public one.
	client, api := clientOf(t, page(`"https://panel.example/api/v1/containers/?limit=200&name=a&cursor=cD0y"`, 3, 2), page("null", 1))
	found, err := List[Container](context.Background(), client, "other", "/containers/", map[string][]string{"name": {"a"}})
	if err != nil || len(found) != 3 || found[2].ID != 1 {
		t.Fatalf("got %+v, %v", found, err)
	}
	want := []string{"/api/v1/containers/?limit=200&name=a", "/api/v1/containers/?cursor=cD0y&limit=200&name=a"}
	for index, request := range api.requests {
		if request.path != want[index] || request.header.Get("X-Dollarbox-Org") != "other" {
			t.Errorf("got %s in %s", request.path, request.header.Get("X-Dollarbox-Org"))
		}
	}
	client, _ = clientOf(t, page(`"http://x/?cursor=a"`, 1))
	if _, err := List[Container](context.Background(), client, "", "/containers/", nil); err == nil {
		t.Error("a list without an end has an end")
	}
}

func TestSettledLetsTheServerWait(t *testing.T) {
	pending := strings.Replace(web, "running", "pending", 1)
	client, api := clientOf(t, status(200, pending), status(200, web))
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	found, err := Settled(ctx, client, "", "/containers/12/", Container.IsSettled)
	if err != nil || found.Status != "running" {
		t.Fatalf("got %+v, %v", found, err)
	}
	for _, request := range api.requests {
		if request.header.Get("Prefer") != "wait=60" {
			t.Errorf("Prefer is %q", request.header.Get("Prefer"))
		}
	}
	// Long enough for one reply on a machine that pauses.
	short, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	client, _ = clientOf(t, status(200, pending))
	found, err = Settled(short, client, "", "/containers/12/", Container.IsSettled)
	if !errors.Is(err, context.DeadlineExceeded) || found.Status != "pending" {
		t.Errorf("got %+v, %v", found, err)
	}
	// The server holds its reply for less than the time that is left.
	if wait := waitWithin(short); wait != time.Second {
		t.Errorf("at the end it waits for %s", wait)
	}
}

func TestSettledRules(t *testing.T) {
	cases := []struct {
		text            string
		settled, failed bool
	}{
		{`{"status": "pending", "status_reason": "volume_busy", "generation": 1, "observed_generation": 0}`, false, false},
		{`{"status": "running", "generation": 1, "observed_generation": 1}`, true, false},
		{`{"status": "running", "generation": 2, "observed_generation": 1}`, false, false},
		{`{"status": "running", "status_reason": "image_not_found", "generation": 2, "observed_generation": 1}`, true, true},
		{`{"status": "failed", "status_reason": "crash_loop", "generation": 1, "observed_generation": 1}`, true, true},
		{`{"status": "failed", "status_reason": null, "generation": 2, "observed_generation": 1}`, false, true},
		{`{"status": "stopped", "generation": 2, "observed_generation": 1}`, true, false},
	}
	for _, c := range cases {
		var container Container
		if err := json.Unmarshal([]byte(c.text), &container); err != nil {
			t.Fatal(err)
		}
		if container.IsSettled() != c.settled || (c.settled && container.HasFailed() != c.failed) {
			t.Errorf("%s: settled %v, failed %v", c.text, container.IsSettled(), container.HasFailed())
		}
	}
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	ctx := context.Background()
	client, _ := clientOf(t, status(500, envelope("internal_error", "Something broke."), "X-Request-Id", "r1"))
	if _, err := Read[Org](ctx, client, "", "/orgs/x/"); !strings.Contains(err.Error(), "r1") {
		t.Errorf("no request id: %v", err)
	}
	client, _ = clientOf(t, status(418, "<html>teapot</html>"))
	if _, err := Read[Org](ctx, client, "", "/orgs/x/"); !strings.Contains(err.Error(), "teapot") {
		t.Errorf("no body: %v", err)
	}
	client, _ = clientOf(t, status(301, "", "Location", "https://elsewhere.example/"))
	if _, err := Create[Org](ctx, client, "", "/orgs/", nil); !strings.Contains(err.Error(), "elsewhere.example") {
		t.Errorf("no location: %v", err)
	}
	client, _ = clientOf(t, status(200, "<html>"))
	if _, err := Read[Org](ctx, client, "", "/orgs/x/"); err == nil || strings.Contains(err.Error(), "dbx_x") {
		t.Errorf("got %v", err)
	}
	for _, endpoint := range []string{"", "localhost:8080", "ftp://x", "http://", ":"} {
		if _, err := New(Options{Endpoint: endpoint}); err == nil {
			t.Errorf("%q is taken for an endpoint", endpoint)
		}
	}
}

func TestDeleteOfWhatIsGone(t *testing.T) {
	client, _ := clientOf(t, reset, status(404, envelope("not_found", "There is no such container.")))
	if err := client.Delete(context.Background(), "", "/containers/12/"); err != nil {
		t.Error(err)
	}
	client, _ = clientOf(t, status(409, envelope("conflict", "A container mounts it.")))
	if err := client.Delete(context.Background(), "", "/volumes/1/"); err == nil {
		t.Error("a refused deletion is no error")
	}
}
