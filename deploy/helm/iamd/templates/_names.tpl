{{- define "iamd.labels" -}}
app.kubernetes.io/name: iamd
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{- end -}}

{{- define "iamd.selector" -}}
app.kubernetes.io/name: iamd
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "iamd.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}
