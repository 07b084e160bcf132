package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Read returns the object at a path, such as "/containers/12/".
func Read[T any](ctx context.Context, c *Client, org, path string) (T, error) {
	var object T
	err := c.send(ctx, call{method: http.MethodGet, path: path, org: org}, &object)
	return object, err
}

// Create posts a body, or none if it is nil, and returns the reply. However often it is repeated on the way, one object
// is created at most.
func Create[T any](ctx context.Context, c *Client, org, path string, body any) (T, error) {
	var object T
	err := c.send(ctx, call{method: http.MethodPost, path: path, org: org, body: body}, &object)
	return object, err
}

// Update patches the fields of body and returns the object as the server then has it.
func Update[T any](ctx context.Context, c *Client, org, path string, body any) (T, error) {
	var object T
	err := c.send(ctx, call{method: http.MethodPatch, path: path, org: org, body: body}, &object)
	return object, err
}

// Delete deletes the object at a path. One that is gone is no error.
func (c *Client) Delete(ctx context.Context, org, path string) error {
	err := c.send(ctx, call{method: http.MethodDelete, path: path, org: org}, nil)
	if IsNotFound(err) {
		return nil
	}
	return err
}

// List returns all objects of a list, newest first.
func List[T any](ctx context.Context, c *Client, org, path string, filters url.Values) ([]T, error) {
	query := url.Values{"limit": {"200"}}
	for name, values := range filters {
		query[name] = values
	}
	objects, seen := []T{}, map[string]bool{}
	for {
		var page struct {
			Next    *string `json:"next"`
			Results []T     `json:"results"`
		}
		if err := c.send(ctx, call{method: http.MethodGet, path: path, query: query, org: org}, &page); err != nil {
			return nil, err
		}
		objects = append(objects, page.Results...)
		if page.Next == nil {
			return objects, nil
		}
		next, err := url.Parse(*page.Next)
		if err != nil {
			return nil, fmt.Errorf("the list %s names a next page that is not a URL: %q", path, *page.Next)
		}
		// Its host is the server's public one, which the endpoint need not be.
		query = next.Query()
		if cursor := query.Get("cursor"); seen[cursor] {
			return nil, fmt.Errorf("the list %s leads back to a page that it has shown", path)
		} else {
			seen[cursor] = true
		}
	}
}
