using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Serving.Tests.Processes;

/// <summary>Predictors over the test program, and what it is asked.</summary>
internal static class ProcessFixture
{
    public static readonly ModelSignature Signature = new(
        [TensorSpec.Of<double>("x", 2), TensorSpec.Of<string>("command")], [TensorSpec.Of<double>("sum"), TensorSpec.Of<string>("echo"), TensorSpec.Of<long>("process")]);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The test program, built beside the tests.</summary>
    public static ProcessPredictorOptions Options(params string[] arguments)
    {
        var own = typeof(ProcessFixture).Assembly.GetName().Name!;
        const string Name = "Mlops.Serving.Worker";
        var program = Path.Combine(AppContext.BaseDirectory.Replace(own, Name, StringComparison.Ordinal), Name + ".dll");
        return new ProcessPredictorOptions
        {
            FileName = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            Arguments = ["exec", program, .. arguments.Length > 0 ? arguments : ["model"]],
        };
    }

    public static ProcessPredictorOptions Shell(string script) => new() { FileName = "/bin/sh", Arguments = ["-c", script] };

    public static async Task<(IReadOnlyList<double> Sums, IReadOnlyList<string> Echo, long Process)> CallAsync(IPredictor predictor, string command = "", int rows = 1, double x = 1, PredictionContext? context = null, CancellationToken cancellationToken = default)
    {
        using var inputs = predictor.Signature.RentInputs(rows);
        using var outputs = predictor.Signature.RentOutputs(rows);
        inputs.Get<double>(0).Span.Fill(x);
        inputs.Get<string>(1).Span.Fill(command);
        await predictor.PredictAsync(inputs, outputs, context ?? new PredictionContext(), cancellationToken);
        return (outputs.Get<double>(0).Span.ToArray(), outputs.Get<string>(1).Span.ToArray(), outputs.Get<long>(2).Span[0]);
    }

    /// <summary>Whether a process runs; one that has ended and that nobody asked for its exit code runs no more.</summary>
    public static bool IsRunning(long id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById((int)id);
            if (process.HasExited) return false;
            return !OperatingSystem.IsLinux() || !File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].TrimStart().StartsWith('Z');
        }
        catch (Exception error) when (error is ArgumentException or IOException or InvalidOperationException)
        {
            return false;
        }
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            await Task.Delay(5, Token);
        }
    }
}

public sealed class ProcessPredictorConformanceTests : PredictorConformance
{
    private static readonly ModelSignature s_signature = new([TensorSpec.Of<double>("x", 2), TensorSpec.Of<string>("command")], [TensorSpec.Of<double>("sum"), TensorSpec.Of<string>("echo")]);

    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken)
    {
        var options = ProcessFixture.Options();
        options.ProcessCount = 2;
        return Task.FromResult<IPredictor>(new ProcessPredictor(s_signature, options));
    }
}
