{{/* Name of every object: the release's, completed by the chart's where it lacks it. */}}
{{- define "uniap-operator.name" -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{- $name | trunc 56 | trimSuffix "-" -}}
{{- end }}

{{/* What the pods are found by. */}}
{{- define "uniap-operator.selector" -}}
app.kubernetes.io/name: {{ include "uniap-operator.name" . }}
{{- end }}

{{- define "uniap-operator.labels" -}}
{{ include "uniap-operator.selector" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
