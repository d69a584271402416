using System.Globalization;

namespace Mlops.Training;

/// <summary>How much the rows of each class count in training, beside their own weights. Immutable.</summary>
/// <example><code>
/// new LogisticOptions { ClassWeights = ClassWeights.Balanced };
/// new LogisticOptions { ClassWeights = ClassWeights.Of(new Dictionary&lt;string, double&gt; { ["yes"] = 5 }) };   // others weigh 1
/// </code></example>
public sealed class ClassWeights
{
    private readonly KeyValuePair<string, double>[] _weights;

    private ClassWeights(KeyValuePair<string, double>[] weights, bool isBalanced)
    {
        _weights = weights;
        IsBalanced = isBalanced;
    }

    /// <summary>Gets equal weights: each class weighs 1.</summary>
    public static ClassWeights None { get; } = new([], isBalanced: false);

    /// <summary>Gets weights that give each class the same share: rows / (classes · rows of the class), counting the rows that are trained on, each as one.</summary>
    public static ClassWeights Balanced { get; } = new([], isBalanced: true);

    /// <summary>Gets whether the weights are computed from the number of rows of each class.</summary>
    public bool IsBalanced { get; }

    /// <summary>Gets the weights that were given, in ascending order of the classes' names.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Given => _weights;

    /// <summary>Gives classes weights by name; a class that is not named weighs 1.</summary>
    /// <param name="weights">The weight of each class by its name, as <see cref="Mlops.Models.TensorSpec.Classes"/> has it: <c>yes</c>, <c>1</c>. Above 0.</param>
    /// <returns>The weights.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A weight is not a positive number.</exception>
    public static ClassWeights Of(IReadOnlyDictionary<string, double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        foreach (var (name, weight) in weights)
        {
            if (!(weight > 0) || !double.IsFinite(weight))
                throw new ArgumentOutOfRangeException(nameof(weights), weight, $"The weight of class '{name}' must be a positive number. To leave a class out, filter its rows.");
        }

        return new ClassWeights([.. weights.OrderBy(pair => pair.Key, StringComparer.Ordinal)], isBalanced: false);
    }

    /// <summary>Describes the weights in one line, in the invariant culture: <c>none</c>, <c>balanced</c>, <c>no=1, yes=5</c>.</summary>
    /// <returns>The description.</returns>
    public override string ToString()
        => IsBalanced ? "balanced" : _weights.Length == 0 ? "none" : string.Join(", ", _weights.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value}")));

    /// <summary>Gets the weight of each class, in the order of the classes.</summary>
    internal double[] Resolve(ClassLabels classes, string dataset)
    {
        if (IsBalanced)
        {
            var rows = (double)classes.Counts.Sum();
            return [.. classes.Counts.Select(count => rows / (classes.Count * (double)count))];
        }

        var resolved = new double[classes.Count];
        resolved.AsSpan().Fill(1);
        foreach (var (name, weight) in _weights)
        {
            var index = classes.FindIndex(name);
            if (index < 0)
                throw new DataFormatException(dataset, 0, classes.Label, $"No row that is trained on has the class '{name}', for which a weight is given. {classes.Describe(name)}");
            resolved[index] = weight;
        }

        return resolved;
    }
}
