#!/bin/bash
# Checks a running cluster from outside. Usage: KUBECONFIG=... [KUBE=bin/kube] [BUSYBOX=/bin/busybox] ./smoke.sh
# Needs curl and busybox (Debian: busybox-static, whose `wget -T` crashes).
set -u
cd "$(dirname "$0")"
kube=${KUBE:-./bin/kube}
busybox=${BUSYBOX:-$(command -v busybox)}
k() { "$kube" kubectl "$@"; }
passed=0; failed=0
check() { # NAME COMMAND...: passes when the command does
	local name=$1 out; shift
	if out=$("$@" 2>&1); then passed=$((passed+1)); echo "ok    $name"; else failed=$((failed+1)); echo "FAIL  $name: $(echo "$out" | tail -3)"; fi
}
within() { # SECONDS COMMAND...: tries until it succeeds
	local end=$(( $(date +%s%N) + $1 * 1000000000 )); shift
	until "$@" >/dev/null 2>&1; do [ "$(date +%s%N)" -lt $end ] || { "$@"; return 1; }; sleep 0.1; done
}
has() { local want=$1; shift; "$@" 2>&1 | grep -q -- "$want"; } # output has
refused() { local want=$1; shift; local out; out=$("$@" 2>&1) && return 1; echo "$out"; echo "$out" | grep -q -- "$want"; }
get() { k -n t get $1 -o jsonpath="$2"; }

# A demo image, made and pushed offline. (A new tag each time: the node keeps
# the images it has pulled.)
image=demo:$(date +%s)
root=$(mktemp -d); trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/www" "$root/tmp"; chmod 755 "$root"; chmod 1777 "$root/tmp"
cp "$busybox" "$root/bin/busybox"
for a in sh httpd wget timeout sleep id cat head tail nslookup touch sed date; do ln -s busybox "$root/bin/$a"; done
echo hello > "$root/www/index.html"
for ref in $image registry.example/$image; do
	check "image $ref packed and pushed" "$kube" image pack $ref "$root" /bin/httpd -f -p "[::]:8080" -h /www
done

k delete ns t other restricted --ignore-not-found >/dev/null 2>&1
k create ns t >/dev/null; k create ns other >/dev/null
within 10 k -n t get sa default; within 10 k -n other get sa default
k -n t apply -f - >/dev/null <<Y
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example/$image # any registry's name leads to the kit's registry
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {port: http, path: /}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: lb}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: $image
    command: [/bin/sleep, "3600"]
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: v1
kind: Pod
metadata: {name: oom}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: $image
    command: [/bin/tail, /dev/zero] # takes all the memory there is
    resources: {limits: {memory: 32Mi}}
---
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  containers: [{name: main, image: $image, command: [/bin/sh, -c, "echo started; exit 3"]}]
Y
check "Deployment available" k -n t rollout status deployment/web --timeout=30s
check "client pod runs with a bound volume" k -n t wait pod/client --for=condition=Ready --timeout=20s
check "exec, as uid 1000" has uid=1000 k -n t exec client -- id
check "volume is writable" k -n t exec client -- touch /data/file
check "ClusterIP over IPv6, by name (cluster DNS)" has hello k -n t exec client -- timeout 3 wget -qO- http://web.t.svc.cluster.local/
check "short name through the search list" has hello k -n t exec client -- timeout 3 wget -qO- http://web/
check "logs" within 10 has started k -n t logs crash
check "LoadBalancer has an fd00::/8 address" within 5 has '^fd' get svc/lb '{.status.loadBalancer.ingress[0].ip}'
check "LoadBalancer answers the host" within 5 has hello curl -sf -m 2 "http://[$(get svc/lb '{.status.loadBalancer.ingress[0].ip}')]/"
oomed() { [ "$(get pod/oom '{.status.containerStatuses[0].state.terminated.reason}')" = OOMKilled ]; }
check "memory limit: OOMKilled" within 20 oomed
restarted() { [ "$(get pod/crash '{.status.containerStatuses[0].restartCount}')" -ge 1 ]; }
check "crashed container is restarted" within 30 restarted

# Admission and quota.
k create ns restricted >/dev/null; k label ns restricted pod-security.kubernetes.io/enforce=restricted >/dev/null
within 10 k -n restricted get sa default
check "PodSecurity restricted refuses" refused 'violates PodSecurity' k -n restricted run bad --image=$image
k -n restricted apply -f - >/dev/null <<Y
apiVersion: v1
kind: Pod
metadata: {name: good}
spec:
  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: main
    image: $image
    securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
Y
check "PodSecurity restricted pod runs, under seccomp" k -n restricted wait pod/good --for=condition=Ready --timeout=20s
check "seccomp filter is on" has 'Seccomp:.2' k -n restricted exec good -- cat /proc/self/status
k apply -f - >/dev/null <<Y
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-forbidden}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]}
  validations: [{expression: "object.metadata.name != 'forbidden'", message: "that name is forbidden"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-forbidden}
spec: {policyName: no-forbidden, validationActions: [Deny]}
Y
vap() { ! k -n t create configmap forbidden --dry-run=server; }
check "ValidatingAdmissionPolicy refuses" within 10 vap
k -n t create quota q --hard=configmaps=2 >/dev/null
quota() { k -n t create configmap "c$RANDOM" 2>&1 | grep -q 'exceeded quota'; }
check "ResourceQuota refuses" within 10 quota

# A token bound to a Secret dies with it.
k -n t create secret generic bound >/dev/null
token=$(k -n t create token default --bound-object-kind=Secret --bound-object-name=bound)
api=$(k config view --minify -o jsonpath='{.clusters[0].cluster.server}')
code() { [ "$(curl -sk -m 3 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$api/apis")" = "$1" ]; }
check "bound token works" code 200
k -n t delete secret bound >/dev/null; since=$(date +%s%N)
check "bound token is refused after its Secret is gone" within 30 code 401
echo "      after $(( ($(date +%s%N) - since) / 1000000 )) ms"

# NetworkPolicy.
pod=$(get "pods -l app=web" '{.items[0].status.podIP}')
fetch() { k -n "$1" exec "$2" -- timeout 1 wget -qO- "http://[$pod]:8080/"; }
blocked() { ! fetch "$@"; }
k -n other run stranger --image=$image --restart=Never >/dev/null
k -n other wait pod/stranger --for=condition=Ready --timeout=20s >/dev/null
check "without a policy, another namespace's pod gets through" has hello fetch other stranger
k -n t apply -f - >/dev/null <<Y
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: http}]}]
Y
check "NetworkPolicy blocks another namespace's pod" within 10 blocked other stranger
check "NetworkPolicy lets the selected pod through" has hello fetch t client
check "probes still pass" has 2 get deployment/web '{.status.readyReplicas}'
k -n t apply -f - >/dev/null <<Y
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: client}
spec: {podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: []}
Y
check "egress deny-all blocks" within 10 blocked t client
nodns() { ! k -n t exec client -- timeout 1 wget -qO- http://web/; }
check "egress deny-all blocks DNS too" nodns

# A new pod under the same policy must not get a single packet out at its
# start, not even to a pod that no policy protects.
open=$(k -n other get pod stranger -o jsonpath='{.status.podIP}')
k -n t run early --image=$image --labels=app=client --restart=Never --command -- /bin/sh -c \
	"for i in 1 2 3 4 5; do timeout 1 wget -qO- http://[$open]:8080/ && echo LEAK; done; echo end" >/dev/null
check "a new pod under the policy runs" within 20 has end k -n t logs early
leak() { ! has LEAK k -n t logs early; }
check "and nothing got through" leak

# Volume removal.
volume=$(get pvc/data '{.spec.volumeName}')
k -n t delete pod client --wait >/dev/null; k -n t delete pvc data >/dev/null
gone() { ! k get pv "$volume"; }
check "volume is removed with its claim" within 15 gone

k delete ns t other restricted --wait=false >/dev/null; k delete validatingadmissionpolicy,validatingadmissionpolicybinding no-forbidden >/dev/null
nsgone() { ! k get ns t; }
check "namespace is removed" within 90 nsgone
echo "$passed passed, $failed failed"
[ $failed = 0 ]
