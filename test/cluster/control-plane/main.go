// Command control-plane is a whole Kubernetes control plane in one binary. The programs share almost all of their code,
// so one binary costs a fraction of the disk space and link time of seven.
//
// The program to be is named by the first argument, or by the link through which the binary was started.
package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	helm "helm.sh/helm/v4/pkg/cmd"
	"helm.sh/helm/v4/pkg/kube"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kwokconfig "sigs.k8s.io/kwok/pkg/config"
	kwok "sigs.k8s.io/kwok/pkg/kwok/cmd"
	kwoklog "sigs.k8s.io/kwok/pkg/log"
	kwoksignals "sigs.k8s.io/kwok/pkg/utils/signals"
)

// programs maps each name to a function that runs the program, with os.Args as it expects them, to its exit code.
var programs = map[string]func() int{
	"etcd":                    server(runEtcd),
	"helm":                    runHelm,
	"kube-apiserver":          server(func() int { return cli.Run(apiserver.NewAPIServerCommand()) }),
	"kube-controller-manager": server(func() int { return cli.Run(controllermanager.NewControllerManagerCommand()) }),
	"kube-scheduler":          server(func() int { return cli.Run(scheduler.NewSchedulerCommand()) }),
	"kubectl":                 runKubectl,
	"kwok":                    server(runKwok),
}

func main() {
	if run := programs[filepath.Base(os.Args[0])]; run != nil {
		os.Exit(run())
	}
	if len(os.Args) > 1 && programs[os.Args[1]] != nil {
		os.Args = os.Args[1:]
		os.Exit(programs[os.Args[0]]())
	}
	names := slices.Sorted(maps.Keys(programs))
	fmt.Fprintf(os.Stderr, "usage: %s {%s} [argument...]\n", os.Args[0], strings.Join(names, "|"))
	os.Exit(2)
}

// server makes a program that ends when its standard input does. The parent holds the other end of that pipe, so that
// even a parent that was killed leaves no server behind.
func server(run func() int) func() int {
	return func() int {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(1)
		}()
		return run()
	}
}

func runEtcd() int {
	etcdmain.Main(os.Args)
	return 0
}

func runKubectl() int {
	// The verbosity has to be known before the command is built, which reads .kuberc and looks for plug-ins.
	_, _ = logs.GlogSetter(kubectl.GetLogVerbosity(os.Args))
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err)
	}
	return 0
}

func runHelm() int {
	forgetKubernetesFlags()
	kube.ManagedFieldsManager = "helm"
	command, err := helm.NewRootCmd(os.Stdout, os.Args[1:], helm.SetupLogging)
	if err != nil {
		return failed(err)
	}
	err = command.Execute() // prints its own error
	if commandError := (helm.CommandError{}); errors.As(err, &commandError) {
		return commandError.ExitCode
	}
	if err != nil {
		return 1
	}
	return 0
}

func runKwok() int {
	forgetKubernetesFlags()
	// --config and the logging flags have to be read before the command that they configure can be built.
	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}
	ctx, _ := kwoklog.InitFlags(kwoksignals.SetupSignalContext(), flags)
	ctx, err := kwokconfig.InitFlags(ctx, flags)
	if err != nil {
		return failed(err)
	}
	command := kwok.NewCommand(ctx)
	command.PersistentFlags().AddFlagSet(flags)
	if err := command.ExecuteContext(ctx); err != nil {
		return failed(err)
	}
	return 0
}

// forgetKubernetesFlags empties the global flag set, in which Kubernetes' packages put flags such as a --version that
// takes a value. cobra would copy them into every root command.
func forgetKubernetesFlags() {
	pflag.CommandLine = pflag.NewFlagSet(os.Args[0], pflag.ExitOnError)
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
