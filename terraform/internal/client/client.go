// Package client calls the DollarBox REST API (/api/v1/) as a careful client should: requests that fail on the way are
// repeated, and a repeated POST can't create a second object.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/hashicorp/go-uuid"
)

const (
	apiPath = "/api/v1"
	// requestTimeout bounds one attempt of a request that is answered at once.
	requestTimeout = 30 * time.Second
	// maxReplyBytes bounds what is read of a reply. A page of 200 containers is at most 50 MiB of specs.
	maxReplyBytes = 128 << 20
)

// Options configures a Client.
type Options struct {
	// Endpoint is the URL of the installation, with or without /api/v1.
	Endpoint string
	// Token is an API token, dbx_….
	Token string
	// Org is the slug of the org to act in if a call names none. Empty: the token's org, or the user's only one.
	Org string
	// UserAgent names the program in the server's logs.
	UserAgent string
	// RetryWaitMin is the delay before the first retry; it doubles with each. Default: 500 ms.
	RetryWaitMin time.Duration
	// RetryMax is how often a request is repeated. Default: 6.
	RetryMax int
}

// Client calls one installation with one token. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	token     string
	org       string
	userAgent string
	ordinary  *retryablehttp.Client
	waiting   *retryablehttp.Client
}

// New returns a Client. It connects to nothing.
func New(options Options) (*Client, error) {
	trimmed := strings.TrimSuffix(strings.TrimRight(options.Endpoint, "/"), apiPath)
	base, err := url.Parse(trimmed)
	if err != nil {
		return nil, fmt.Errorf("the endpoint %q is not a URL: %w", options.Endpoint, err)
	}
	if (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return nil, fmt.Errorf("the endpoint %q must be a URL such as https://app.dollarbox.dev", options.Endpoint)
	}
	transport := cleanhttp.DefaultPooledTransport()
	return &Client{
		base:      base,
		token:     options.Token,
		org:       options.Org,
		userAgent: options.UserAgent,
		ordinary:  retrier(transport, requestTimeout, options),
		// The server answers after maxWait at the latest; the rest is for the way.
		waiting: retrier(transport, maxWait+requestTimeout, options),
	}, nil
}

// Org returns the org that calls act in if they name none; empty if the server chooses.
func (c *Client) Org() string { return c.org }

// call is one request of the API.
type call struct {
	method string
	// path follows /api/v1 and begins with a slash.
	path  string
	query url.Values
	// org overrides the client's.
	org string
	// body is sent as JSON; nil sends none.
	body any
	// wait asks the server to hold its reply until the object has settled.
	wait time.Duration
}

// send makes a request, with retries, and decodes the reply into reply unless that is nil or the reply is empty.
func (c *Client) send(ctx context.Context, call call, reply any) error {
	request, err := c.request(ctx, call)
	if err != nil {
		return err
	}
	http := c.ordinary
	if call.wait > 0 {
		http = c.waiting
	}
	response, err := http.Do(request)
	if err != nil {
		return plain(err, call.method, request.URL)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxReplyBytes))
	if err != nil {
		return fmt.Errorf("the reply to %s %s broke off: %w", call.method, request.URL.Path, err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return errorOf(response, text)
	}
	if reply == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, reply); err != nil {
		return fmt.Errorf("the reply to %s %s is not what the API sends: %w", call.method, request.URL.Path, err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, call call) (*retryablehttp.Request, error) {
	target := *c.base
	target.Path += apiPath + call.path
	target.RawQuery = call.query.Encode()
	// Nothing at all, and not an empty slice, which would be sent as a body of unknown length.
	var body any
	if call.body != nil {
		text, err := json.Marshal(call.body)
		if err != nil {
			return nil, err
		}
		body = text
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, call.method, target.String(), body)
	if err != nil {
		return nil, err
	}
	header := request.Header
	header.Set("Accept", "application/json")
	header.Set("Authorization", "Bearer "+c.token)
	header.Set("User-Agent", c.userAgent)
	if call.body != nil {
		header.Set("Content-Type", "application/json")
	}
	if org := firstNonEmpty(call.org, c.org); org != "" {
		header.Set("X-Dollarbox-Org", org)
	}
	if call.wait > 0 {
		header.Set("Prefer", fmt.Sprintf("wait=%d", int(call.wait.Seconds())))
	}
	if call.method == http.MethodPost {
		// The same for all attempts, so that the server recognizes a repeated one whose reply was lost.
		key, err := uuid.GenerateUUID()
		if err != nil {
			return nil, err
		}
		header.Set("Idempotency-Key", key)
	}
	return request, nil
}

// plain drops what net/http puts around the cause, which would show the query.
func plain(err error, method string, target *url.URL) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fmt.Errorf("%s %s://%s%s: %w", method, target.Scheme, target.Host, target.Path, err)
}

func firstNonEmpty(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
