package client

import (
	"context"
	"net/http"
	"time"
)

const (
	// maxWait is the longest wait that the API grants a request.
	maxWait = 60 * time.Second
	// minPoll is the shortest time between two reads while the server grants no waits.
	minPoll = time.Second
)

// Settled reads the object at a path until isSettled, which should match the server's rule: the server then holds its
// replies ("Prefer: wait") and nothing is polled. Returns the object as it was last read, and an error if it can't be
// read or ctx ends before.
func Settled[T any](ctx context.Context, c *Client, org, path string, isSettled func(T) bool) (T, error) {
	var object T
	for {
		started := time.Now()
		request := call{method: http.MethodGet, path: path, org: org, wait: waitWithin(ctx)}
		var read T
		if err := c.send(ctx, request, &read); err != nil {
			return object, err
		}
		object = read
		if isSettled(object) {
			return object, nil
		}
		// The server answers at once if too many others wait, or if its rule differs.
		if early := minPoll - time.Since(started); early > 0 {
			if err := sleep(ctx, early+jitter(minPoll)); err != nil {
				return object, err
			}
		}
	}
}

// waitWithin is how long the server may hold its reply so that it arrives before ctx ends.
func waitWithin(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return maxWait
	}
	return max(min(time.Until(deadline)-minPoll, maxWait), time.Second).Truncate(time.Second)
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// CreateAndWait posts a body; the server holds its reply until the object has settled, for a minute at most.
func CreateAndWait[T any](ctx context.Context, c *Client, org, path string, body any) (T, error) {
	var object T
	err := c.send(ctx, call{method: http.MethodPost, path: path, org: org, body: body, wait: waitWithin(ctx)}, &object)
	return object, err
}
