package client

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	defaultRetryWaitMin = 500 * time.Millisecond
	retryWaitMax        = 30 * time.Second
	// maxRetryAfter bounds how long the server may ask to wait before the next attempt.
	maxRetryAfter   = 60 * time.Second
	defaultRetryMax = 6
)

func retrier(transport http.RoundTripper, timeout time.Duration, options Options) *retryablehttp.Client {
	waitMin, retryMax := options.RetryWaitMin, options.RetryMax
	if waitMin == 0 {
		waitMin = defaultRetryWaitMin
	}
	if retryMax == 0 {
		retryMax = defaultRetryMax
	}
	return &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: checkRedirect},
		RetryWaitMin: waitMin,
		RetryWaitMax: retryWaitMax,
		RetryMax:     retryMax,
		CheckRetry:   shouldRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// checkRedirect lets only reads follow a redirect: net/http turns a redirected POST into a GET.
func checkRedirect(_ *http.Request, via []*http.Request) error {
	if len(via) >= 10 || via[0].Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	return nil
}

// shouldRetry repeats what was refused for now or lost on the way. Every request may be repeated: a POST carries an
// Idempotency-Key, a PATCH says what should be, and what a repeated DELETE does not find is gone.
func shouldRetry(ctx context.Context, response *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		// Certificates and the like are not repeated.
		return retryablehttp.DefaultRetryPolicy(ctx, response, err)
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true, nil
	case http.StatusConflict:
		return hasCode(response, "idempotency_in_progress"), nil
	}
	return false, nil
}

// hasCode looks into the body of an error and puts it back.
func hasCode(response *http.Response, code string) bool {
	text, err := io.ReadAll(io.LimitReader(response.Body, maxReplyBytes))
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(text))
	found, _ := readError(text)
	return err == nil && found == code
}

// backoff is the delay before the next attempt: what the server asks for, at most maxRetryAfter; else it doubles. Chance
// spreads clients that were refused together.
func backoff(waitMin, waitMax time.Duration, attempt int, response *http.Response) time.Duration {
	wait := waitMax
	if shifted := waitMin << min(attempt, 16); shifted < waitMax {
		wait = shifted
	}
	if asked, ok := retryAfter(response, time.Now()); ok {
		return min(asked+jitter(wait), maxRetryAfter)
	}
	return wait/2 + jitter(wait/2)
}

func jitter(limit time.Duration) time.Duration {
	if limit <= 0 {
		return 0
	}
	return rand.N(limit)
}

// retryAfter reads Retry-After: seconds or a date (RFC 9110, section 10.2.3).
func retryAfter(response *http.Response, now time.Time) (time.Duration, bool) {
	if response == nil {
		return 0, false
	}
	text := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(date.Sub(now), 0), true
	}
	return 0, false
}
