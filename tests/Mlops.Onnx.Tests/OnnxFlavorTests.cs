using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Options for one model, and what is logged of it.</summary>
public sealed class OnnxFlavorTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("onnx-flavor").FullName;
    private ModelDirectory _directory = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(3));
        _directory = await ModelDirectory.SaveAsync(Path.Combine(_folder, "model"), model, cancellationToken: Token);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return default;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AddOnnx_OfOneModel_ChangesItAlone(bool isCommonFirst)
    {
        var builder = new ServiceCollection().AddMlops();
        if (isCommonFirst) builder.AddOnnx(options => options.InterOpThreads = -1);
        builder.AddOnnx("trees", options => options.Evaluator = OnnxEvaluator.Managed);
        builder.AddOnnx("trees", options => options.IntraOpThreads = 2);
        if (!isCommonFirst) builder.AddOnnx(options => options.InterOpThreads = -1);
        builder.Services.Configure<OnnxOptions>(options => options.InterOpThreads = 2);
        await using var services = builder.Services.BuildServiceProvider();
        var flavor = Assert.Single(services.GetServices<IModelFlavor>());
        Assert.Equal(OnnxEvaluator.Managed, await EvaluatorOfAsync(flavor, _directory.WithName("trees")));
        Assert.Equal(OnnxEvaluator.Runtime, await EvaluatorOfAsync(flavor, _directory.WithName("others")));
        Assert.Equal(OnnxEvaluator.Runtime, await EvaluatorOfAsync(flavor, _directory));
        var chosen = services.GetRequiredService<OnnxOptionsByModel>().Choose(_directory.WithName("trees"));
        Assert.Equal((2, 2), (chosen.IntraOpThreads, chosen.InterOpThreads));
        Assert.Equal(1, services.GetRequiredService<IOptions<OnnxOptions>>().Value.IntraOpThreads);
    }

    [Fact]
    public async Task LoadAsync_OptionsOfOneModelWithoutSense_ThrowsOptionsValidationNamingTheModel()
    {
        await using var services = new ServiceCollection().AddMlops().AddOnnx("trees", options => options.IntraOpThreads = -1).Services.BuildServiceProvider();
        var flavor = services.GetRequiredService<IModelFlavor>();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => flavor.LoadAsync(_directory.WithName("trees"), Token));
        Assert.Contains("'trees': OnnxOptions.IntraOpThreads is -1", error.Message, StringComparison.Ordinal);
        Assert.Equal(OnnxEvaluator.Runtime, await EvaluatorOfAsync(flavor, _directory));
    }

    [Fact]
    public async Task LoadAsync_OptionsByPath_AreTaken()
    {
        var flavor = new OnnxFlavor(directory => directory.Path.EndsWith("model", StringComparison.Ordinal) ? new OnnxOptions { Evaluator = OnnxEvaluator.Managed } : null);
        Assert.Equal(OnnxEvaluator.Managed, await EvaluatorOfAsync(flavor, _directory));
    }

    [Fact]
    public async Task LoadAsync_Logger_TellsTheEvaluatorAndWhy()
    {
        using var loggers = new Loggers();
        await EvaluatorOfAsync(new OnnxFlavor(new OnnxOptions { Evaluator = OnnxEvaluator.Fastest }, loggers), _directory.WithName("trees"));
        var (id, level, text) = Assert.Single(loggers.Entries);
        Assert.Equal((6001, "Loaded", LogLevel.Information), (id.Id, id.Name, level));
        Assert.Matches("^Loaded trees. Its evaluator is (Managed: it is faster|Runtime: it is faster|Runtime: the managed evaluator is much slower for (one row|a batch)); 1 row .* µs \\(ONNX Runtime .* µs\\), .* \\(ONNX Runtime: '1\\.30\\.0'\\)\\.$", text);
    }

    private static async Task<OnnxEvaluator> EvaluatorOfAsync(IModelFlavor flavor, ModelDirectory directory)
    {
        using var model = (OnnxModel)await flavor.LoadAsync(directory, Token);
        return model.EvaluatorChoice.Evaluator;
    }

    private sealed class Loggers : ILoggerFactory, ILogger
    {
        public List<(EventId Id, LogLevel Level, string Text)> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Entries.Add((eventId, logLevel, formatter(state, exception)));
    }
}
