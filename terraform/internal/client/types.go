package client

import "strconv"

// The objects of the API, as openapi.json describes them. Fields that the provider has no use for are left out; the
// provider's drift test lists them.

// Container is a running image.
type Container struct {
	ID                 int64             `json:"id"`
	Org                string            `json:"org"`
	Name               string            `json:"name"`
	Image              string            `json:"image"`
	Env                map[string]string `json:"env"`
	Command            []string          `json:"command"`
	Ports              []int64           `json:"ports"`
	Volumes            []Mount           `json:"volumes"`
	PullPolicy         string            `json:"pull_policy"`
	StopGraceSeconds   int64             `json:"stop_grace_seconds"`
	Init               bool              `json:"init"`
	Status             string            `json:"status"`
	StatusReason       *string           `json:"status_reason"`
	StatusMessage      *string           `json:"status_message"`
	StatusSince        string            `json:"status_since"`
	DesiredStatus      string            `json:"desired_status"`
	Restarting         bool              `json:"restarting"`
	NextRetryAt        *string           `json:"next_retry_at"`
	Warnings           []Warning         `json:"warnings"`
	RestartCount       int64             `json:"restart_count"`
	IPv6Address        *string           `json:"ipv6_address"`
	Generation         int64             `json:"generation"`
	ObservedGeneration int64             `json:"observed_generation"`
	CreatedAt          string            `json:"created_at"`
	UpdatedAt          string            `json:"updated_at"`
}

// IsSettled reports whether the engine has acted on what was last asked for, or it has failed with a reason.
func (c Container) IsSettled() bool {
	switch c.Status {
	case "pending":
		return false
	case "stopped":
		return true
	}
	return c.StatusReason != nil || c.ObservedGeneration == c.Generation
}

// HasFailed reports, of one that has settled, whether it or its last change failed.
func (c Container) HasFailed() bool {
	return c.Status == "failed" || (c.Status != "stopped" && c.ObservedGeneration != c.Generation)
}

// Mount is a volume in a container.
type Mount struct {
	Volume    int64  `json:"volume"`
	MountPath string `json:"mount_path"`
}

// Warning is something noticed about a running process.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Volume is a place for data that outlives containers.
type Volume struct {
	ID            int64   `json:"id"`
	Org           string  `json:"org"`
	Name          string  `json:"name"`
	SizeGB        int64   `json:"size_gb"`
	SizeEnforced  bool    `json:"size_enforced"`
	UsedBytes     *int64  `json:"used_bytes"`
	Status        string  `json:"status"`
	StatusReason  *string `json:"status_reason"`
	StatusMessage *string `json:"status_message"`
	StorageClass  string  `json:"storage_class"`
	Container     *int64  `json:"container"`
	MountPath     *string `json:"mount_path"`
	CreatedAt     string  `json:"created_at"`
	UpdatedAt     string  `json:"updated_at"`
}

// IsSettled reports whether the engine has made it, failed to, or waits for a container to mount it.
func (v Volume) IsSettled() bool {
	return v.Status == "bound" || v.Status == "failed" || v.StatusReason != nil
}

// Org is a tenant.
type Org struct {
	Slug           string `json:"slug"`
	Name           string `json:"name"`
	BillingEmail   string `json:"billing_email"`
	Status         string `json:"status"`
	BillingMode    string `json:"billing_mode"`
	KubectlEnabled bool   `json:"kubectl_enabled"`
	APIEnabled     bool   `json:"api_enabled"`
	Role           string `json:"role"`
	CreatedAt      string `json:"created_at"`
}

// Member is a user in an org.
type Member struct {
	ID       int64  `json:"id"`
	Org      string `json:"org"`
	UserID   int64  `json:"user_id"`
	Email    string `json:"email"`
	Name     string `json:"name"`
	Role     string `json:"role"`
	JoinedAt string `json:"joined_at"`
}

// Invitation asks a person to join an org.
type Invitation struct {
	ID        int64  `json:"id"`
	Org       string `json:"org"`
	Email     string `json:"email"`
	Role      string `json:"role"`
	Accepted  bool   `json:"accepted"`
	ExpiresAt string `json:"expires_at"`
	CreatedAt string `json:"created_at"`
	// Notice is something that the inviter should know.
	Notice string `json:"notice"`
	// AcceptURL is in the reply of a create only.
	AcceptURL string `json:"accept_url"`
}

// Registry is a credential for a private registry.
type Registry struct {
	ID                int64  `json:"id"`
	Org               string `json:"org"`
	Host              string `json:"host"`
	PathPrefix        string `json:"path_prefix"`
	Username          string `json:"username"`
	SecretFingerprint string `json:"secret_fingerprint"`
	CreatedAt         string `json:"created_at"`
}

// KubectlCredential is a kubeconfig of a member.
type KubectlCredential struct {
	ID               int64   `json:"id"`
	Org              string  `json:"org"`
	Name             *string `json:"name"`
	Email            string  `json:"email"`
	SAName           string  `json:"sa_name"`
	CreatedAt        *string `json:"created_at"`
	ExpiresAt        *string `json:"expires_at"`
	RotatedAt        *string `json:"rotated_at"`
	LastDownloadedAt *string `json:"last_downloaded_at"`
	// Kubeconfig is in the reply of a create only.
	Kubeconfig string `json:"kubeconfig"`
}

// Object is what all objects with an id have in common.
type Object interface {
	// Ref returns the org, the id, and what people call the object.
	Ref() Ref
}

// Ref identifies an object.
type Ref struct {
	Org string
	ID  string
	// Key is a name or an address; for most kinds it identifies the object in its org.
	Key string
}

func ref(org string, id int64, key string) Ref {
	return Ref{Org: org, ID: strconv.FormatInt(id, 10), Key: key}
}

// Ref identifies it by its name.
func (c Container) Ref() Ref { return ref(c.Org, c.ID, c.Name) }

// Ref identifies it by its name.
func (v Volume) Ref() Ref { return ref(v.Org, v.ID, v.Name) }

// Ref identifies it by its address.
func (m Member) Ref() Ref { return ref(m.Org, m.ID, m.Email) }

// Ref identifies it by its address.
func (i Invitation) Ref() Ref { return ref(i.Org, i.ID, i.Email) }

// Ref identifies it by its host and path.
func (r Registry) Ref() Ref {
	if r.PathPrefix == "" {
		return ref(r.Org, r.ID, r.Host)
	}
	return ref(r.Org, r.ID, r.Host+"/"+r.PathPrefix)
}

// Ref identifies it by its service account.
func (c KubectlCredential) Ref() Ref { return ref(c.Org, c.ID, c.SAName) }
