package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

const maxBodyShown = 500

// Error is a reply with a status other than 2xx.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Code is the API's machine-readable word; empty if the reply did not come from the API.
	Code string
	// Message is a sentence about what is wrong.
	Message string
	// RequestID finds the request in the server's logs; may be empty.
	RequestID string
}

// Error returns the message, with all that is needed to report a problem.
func (e *Error) Error() string {
	code := e.Code
	if code == "" {
		code = http.StatusText(e.Status)
	}
	text := fmt.Sprintf("%s (%d %s)", strings.TrimSuffix(e.Message, "."), e.Status, code)
	if e.RequestID != "" && e.Status >= 500 {
		text += fmt.Sprintf(". The server's logs have it as request %s", e.RequestID)
	}
	return text
}

// IsNotFound reports whether the object does not exist, or not for this token.
func IsNotFound(err error) bool {
	var reply *Error
	return errors.As(err, &reply) && reply.Status == http.StatusNotFound
}

func errorOf(response *http.Response, text []byte) *Error {
	reply := &Error{Status: response.StatusCode, RequestID: response.Header.Get("X-Request-Id")}
	if location := response.Header.Get("Location"); location != "" {
		reply.Message = fmt.Sprintf("The endpoint redirects to %s; use that address", location)
		return reply
	}
	reply.Code, reply.Message = readError(text)
	if reply.Message == "" {
		shown := strings.TrimSpace(string(text[:min(len(text), maxBodyShown)]))
		reply.Message = fmt.Sprintf("The reply does not come from the DollarBox API: %q", shown)
	}
	return reply
}

func readError(text []byte) (code, message string) {
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(text, &body) != nil {
		return "", ""
	}
	return body.Error.Code, body.Error.Message
}
