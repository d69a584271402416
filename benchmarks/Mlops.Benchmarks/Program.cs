using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Mlops.Benchmarks;

if (args is [ColdStart.Command, ..]) await ColdStart.RunAsync(args[1..]);
else if (args is [PairedCalls.Command, ..]) PairedCalls.Run(args[1..]);
else if (args is [PairedTrees.Command, ..]) PairedTrees.Run(args[1..]);
else
{
    // In process: the generated project of the usual toolchain would not find the native library beside it.
    // The median is what is published: other programs of the machine only ever make a measurement longer.
    var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithIterationCount(7).WithToolchain(InProcessEmitToolchain.Instance)).AddColumn(StatisticColumn.Median);
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
}
