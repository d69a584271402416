using System.Diagnostics;
using Mlops.Models;
using Mlops.Testing;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

/// <summary>A registry, an artifact store, a flavor and a cache directory of one test; versions are real model directories.</summary>
internal sealed class ServingFixture : IDisposable
{
    public const string Name = "factors";

    public static readonly ModelUri Champion = ModelUri.OfAlias(Name, "champion");

    private static readonly TimeSpan s_defaultLoadTimeout = new ModelHostOptions().LoadTimeout;

    private readonly string _root = Directory.CreateTempSubdirectory("mlops-serving-").FullName;
    private int _saved;

    public string Cache => Path.Combine(_root, "cache");

    public MemoryArtifacts Artifacts { get; } = new();

    public MemoryResolver Resolver { get; } = new();

    public FactorFlavor Flavor { get; } = new();

    public RecordingLoggers Loggers { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public ModelLoader CreateLoader(params IModelFlavor[] flavors)
        => new(Artifacts, flavors.Length > 0 ? flavors : [Flavor], new ModelLoaderOptions { CacheDirectory = Cache }, Time, Loggers);

    /// <summary>Makes a host. Its loads have no time limit unless the test sets one: <see cref="UntilAsync"/> moves the clock by hours while a real load goes on.</summary>
    public ModelHost CreateHost(ModelHostOptions? options = null, params IPredictionObserver[] observers)
    {
        options ??= new ModelHostOptions { AutoReload = false };
        if (options.LoadTimeout == s_defaultLoadTimeout) options.LoadTimeout = Timeout.InfiniteTimeSpan;
        return new ModelHost(Resolver, CreateLoader(), options, observers, Time, Loggers);
    }

    /// <summary>Saves a model whose factor is the version, and registers it without pointing to it.</summary>
    public async Task<ModelVersion> RegisterAsync(int version, IModel? model = null, ModelSaveOptions? options = null)
    {
        var path = Path.Combine(_root, "saved", $"{_saved++}");
        var directory = await ModelDirectory.SaveAsync(path, model ?? new FactorModel(version), options ?? new ModelSaveOptions { TimeProvider = Time }, Token);
        var source = $"models/{version}";
        await Artifacts.WriteDirectoryAsync(path, source, Token);
        return new ModelVersion(Name, version, source, directory.Digest, Time.GetUtcNow());
    }

    /// <summary>Gets a path of this test, where nothing is yet.</summary>
    public string PathOf(string name) => Path.Combine(_root, name);

    /// <summary>Saves a model directory.</summary>
    public Task<ModelDirectory> SaveAsync(string name, float factor, string inputName = "x")
        => ModelDirectory.SaveAsync(PathOf(name), new FactorModel(factor, inputName: inputName), new ModelSaveOptions { TimeProvider = Time }, Token);

    /// <summary>Makes a path of this test a link to another one, in one step, which the library of .NET has not for links to directories.</summary>
    /// <param name="name">The path.</param>
    /// <param name="target">What it leads to, seen from where it is.</param>
    public void SwitchLink(string name, string target)
    {
        var next = PathOf(name) + ".next";
        Directory.CreateSymbolicLink(next, target);
        using var process = Process.Start("mv", ["-T", next, PathOf(name)]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    public async Task<ModelVersion> PointToAsync(int version, IModel? model = null, ModelSaveOptions? options = null)
    {
        var registered = await RegisterAsync(version, model, options);
        Resolver.Point(registered);
        return registered;
    }

    public static async Task<(Y Output, PredictionContext Context)> PredictAsync(IPredictor predictor, float x = 2)
    {
        using var inputs = predictor.Signature.RentInputs(1);
        using var outputs = predictor.Signature.RentOutputs(1);
        new X(x).Write(inputs, 0);
        var context = new PredictionContext();
        await predictor.PredictAsync(inputs, outputs, context, Token);
        return (Y.Read(outputs, 0), context);
    }

    /// <summary>Waits for something that other threads bring about, moving the clock so that waits for another attempt end.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
