using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Mlops.Models;

namespace Mlops.Serving.Tests;

/// <summary>Loads factor models from their file.</summary>
internal sealed class FactorFlavor(string name = "factor") : IModelFlavor
{
    public string Name => name;

    public ConcurrentBag<FactorPredictor> Predictors { get; } = [];

    /// <summary>Gets the names that directories were loaded under.</summary>
    public ConcurrentQueue<string?> Names { get; } = [];

    /// <summary>Gets or sets what every prediction awaits first, given the factor; with one, predictions are asynchronous.</summary>
    public Func<float, Task>? BeforePredict { get; set; }

    /// <summary>Gets or sets what every prediction awaits first, given the factor and the token of the prediction.</summary>
    public Func<float, CancellationToken, Task>? BeforePredictCancellable { get; set; }

    /// <summary>Gets or sets what sees the inputs of every prediction first, on the thread of its caller.</summary>
    public Action<TensorBatch>? OnPredict { get; set; }

    /// <summary>Gets or sets what loading awaits first, given the factor.</summary>
    public Func<float, CancellationToken, Task>? BeforeLoad { get; set; }

    /// <summary>Gets or sets what every synchronous prediction throws.</summary>
    public Exception? Failure { get; set; }

    public async Task<IModel> LoadAsync(ModelDirectory source, CancellationToken cancellationToken = default)
    {
        Names.Enqueue(source.Name);
        var file = (string)source.FindFlavor(Name)!["data"]!;
        var parts = Encoding.UTF8.GetString(await source.ReadFileAsync(file, cancellationToken)).Split(' ');
        var factor = float.Parse(parts[0], CultureInfo.InvariantCulture);
        if (BeforeLoad is { } before) await before(factor, cancellationToken);
        return new FactorModel(factor, this, parts[1], Name, int.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
