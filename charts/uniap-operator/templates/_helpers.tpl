{{/* Name of every object: the release's, completed by the chart's where it lacks it. */}}
{{- define "uniap-operator.name" -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{- $name | trunc 56 | trimSuffix "-" -}}
{{- end }}

{{/* What the pods are found by. */}}
{{- define "uniap-operator.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "uniap-operator.labels" -}}
{{ include "uniap-operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* What the pod of `helm test` is found by, which is no pod of the Service. */}}
{{- define "uniap-operator.test-selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Selects the namespaces whose jobs the operator deals with. */}}
{{- define "uniap-operator.namespaces" -}}
{{- with .Values.watchNamespace -}}
matchLabels:
  kubernetes.io/metadata.name: {{ . }}
{{- else -}}
{}
{{- end }}
{{- end }}

{{- define "uniap-operator.image" -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}

{{- define "uniap-operator.pod-security" -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "uniap-operator.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
