{{- /* The pod, which a Deployment and a StatefulSet have alike. */ -}}
{{- define "iamd.pod" -}}
metadata:
  labels:
    {{- include "iamd.selector" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # A change of the configuration is a new pod.
    checksum/config: {{ toYaml .Values.config | sha256sum | quote }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ .Release.Name | quote }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    # Always would let the group write the keyring on the volume at each start, and
    # iamd takes no keyring that others may write.
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: iamd
      image: {{ include "iamd.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy | quote }}
      args: [serve]
      env:
        - {name: IAMD_CONFIG, value: /etc/iamd/iamd.yaml}
        - {name: IAMD_DATA_DIR, value: /var/lib/iamd}
        - {name: IAMD_LISTEN, value: "0.0.0.0:4566"}
        - {name: IAMD_GATEWAY_LISTEN, value: "0.0.0.0:4567"}
        - {name: IAMD_METRICS_LISTEN, value: "0.0.0.0:9464"}
        - {name: TMPDIR, value: /var/spool/iamd}
        - name: IAMD_AUDIT_NODE
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        {{- with .Values.publicURL }}
        - name: IAMD_PUBLIC_URL
          value: {{ . | quote }}
        {{- end }}
        {{- with .Values.store.existingSecret }}
        - name: IAMD_STORE
          valueFrom:
            secretKeyRef:
              name: {{ . | quote }}
              key: {{ $.Values.store.key | quote }}
        {{- end }}
        {{- if and .Values.keyring.existingSecret .Values.keyring.mount }}
        - {name: IAMD_KEYRING_FILE, value: /etc/iamd-keyring/keyring}
        {{- else }}
        {{- with .Values.keyring.existingSecret }}
        - name: IAMD_KEYRING
          valueFrom:
            secretKeyRef:
              name: {{ . | quote }}
              key: {{ $.Values.keyring.key | quote }}
        {{- end }}
        {{- end }}
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.root.existingSecret }}
      envFrom:
        - secretRef:
            name: {{ . | quote }}
      {{- end }}
      ports:
        - {name: api, containerPort: 4566}
        {{- if .Values.gateway.enabled }}
        - {name: gateway, containerPort: 4567}
        {{- end }}
        - {name: metrics, containerPort: 9464}
      # Following a shared store, and bringing its tables forward, may take over a minute.
      startupProbe:
        httpGet: {path: /healthz, port: api}
        periodSeconds: 2
        failureThreshold: 60
      # Never /readyz: a node that is cut off from the store heals by itself.
      livenessProbe:
        httpGet: {path: /healthz, port: api}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: api}
        periodSeconds: 2
        timeoutSeconds: 3
        failureThreshold: 1
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - {name: data, mountPath: /var/lib/iamd}
        - {name: spool, mountPath: /var/spool/iamd}
        - {name: config, mountPath: /etc/iamd, readOnly: true}
        {{- if and .Values.keyring.existingSecret .Values.keyring.mount }}
        - {name: keyring, mountPath: /etc/iamd-keyring, readOnly: true}
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ .Release.Name | quote }}
    {{- if and .Values.keyring.existingSecret .Values.keyring.mount }}
    - name: keyring
      secret:
        secretName: {{ .Values.keyring.existingSecret | quote }}
        # Root's; to it Kubernetes adds that fsGroup may read, and iamd takes no other.
        defaultMode: 0400
        items:
          - {key: {{ .Values.keyring.key | quote }}, path: keyring}
    {{- end }}
    - name: spool
      emptyDir:
        sizeLimit: {{ .Values.spool.sizeLimit | quote }}
    {{- if eq .Values.store.kind "shared" }}
    # The socket of iamd's own commands, and the first start's credentials.
    - name: data
      emptyDir:
        sizeLimit: 16Mi
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if eq .Values.store.kind "shared" }}
  {{- if .Values.topologySpread.enabled }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: {{ .Values.topologySpread.topologyKey | quote }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "iamd.selector" . | nindent 10 }}
  {{- end }}
  {{- end }}
{{- end -}}
