// What NetworkPolicies let through, by Kubernetes' rules, for the parts of them that we use.

/** A pod as policies see it: { namespace, labels, ports: { name: number } }. */

function labelsMatch(selector, labels) {
    const { matchLabels = {}, matchExpressions = [], ...rest } = selector;
    if (Object.keys(rest).length > 0) throw new Error(`a selector with ${Object.keys(rest)}`);
    return (
        Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
        matchExpressions.every(({ key, operator, values }) => {
            if (operator !== "In") throw new Error(`operator ${operator} is not known here`);
            return values.includes(labels[key]);
        })
    );
}

export const selects = (selector, pod) => labelsMatch(selector, pod.labels);

/** A namespace has its own name as a label: Kubernetes sees to that. */
function peerMatches(peer, policy, pod) {
    const { podSelector, namespaceSelector, ...rest } = peer;
    if (Object.keys(rest).length > 0) throw new Error(`a peer with ${Object.keys(rest)}`);
    const inNamespace = namespaceSelector
        ? labelsMatch(namespaceSelector, { "kubernetes.io/metadata.name": pod.namespace })
        : pod.namespace === policy.metadata.namespace;
    return inNamespace && (!podSelector || selects(podSelector, pod));
}

function portMatches(rule, target, number, protocol) {
    if (!rule.ports) return true;
    return rule.ports.some(
        (port) =>
            (port.protocol ?? "TCP") === protocol &&
            (typeof port.port === "string" ? target.ports[port.port] : port.port) === number,
    );
}

/** Whether one side's policies let it through; undefined when none is for it, which is no bound. */
function sideAllows(policies, type, own, other, target, number, protocol) {
    const mine = policies.filter(
        ({ metadata, spec }) =>
            metadata.namespace === own.namespace &&
            spec.policyTypes.includes(type) &&
            selects(spec.podSelector, own),
    );
    if (mine.length === 0) return undefined;
    const [rules, peers] = type === "Ingress" ? ["ingress", "from"] : ["egress", "to"];
    return mine.some((policy) =>
        (policy.spec[rules] ?? []).some(
            (rule) =>
                portMatches(rule, target, number, protocol) &&
                (!rule[peers] || rule[peers].some((peer) => peerMatches(peer, policy, other))),
        ),
    );
}

/** Whether `from` may reach `to` at a port, by the policies for either: true, false, undefined. */
export function sidesAllow(policies, from, to, number, protocol = "TCP") {
    return {
        leaves: sideAllows(policies, "Egress", from, to, to, number, protocol),
        enters: sideAllows(policies, "Ingress", to, from, to, number, protocol),
    };
}
