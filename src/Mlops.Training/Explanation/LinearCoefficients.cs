using System.Globalization;
using System.Text;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>What a linear model has learned: the coefficient of each feature, and the intercepts. Immutable.</summary>
/// <remarks>
/// A regression, and a classifier of two classes with the logistic function, has one row: that of the number, or of the log-odds of the second class.
/// Other classifiers have a row for each class. Features are what the preprocessing makes: standardised numbers, one for each category.
/// </remarks>
/// <example><code>
/// var learned = LinearCoefficients.Of((IGraphModel)model);
/// Console.WriteLine(learned);                  // feature, yes: international_plan=yes 2.02 …
/// double weight = learned.Get("income");       // by name
/// </code></example>
public sealed class LinearCoefficients
{
    private readonly double[][] _coefficients;
    private readonly double[] _intercepts;

    private LinearCoefficients(string features, IReadOnlyList<string> featureNames, IReadOnlyList<string> classes, double[][] coefficients, double[] intercepts)
    {
        FeatureTensor = features;
        FeatureNames = featureNames.Count == coefficients[0].Length ? featureNames : [.. Enumerable.Range(0, coefficients[0].Length).Select(i => string.Create(CultureInfo.InvariantCulture, $"{features}[{i}]"))];
        Classes = classes;
        _coefficients = coefficients;
        _intercepts = intercepts;
    }

    /// <summary>Gets what each feature is, shape (features): <c>income</c>, <c>home=rent</c>.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Gets the classes in the order of the model's probabilities; empty for a regression.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Gets the number of rows of coefficients: 1, or the number of classes.</summary>
    public int RowCount => _coefficients.Length;

    /// <summary>Gets the intercepts, shape (rows).</summary>
    public ReadOnlySpan<double> Intercepts => _intercepts;

    /// <summary>Gets the tensor of the graph that holds the features.</summary>
    internal string FeatureTensor { get; }

    /// <summary>Reads the coefficients of a model.</summary>
    /// <param name="model">A model whose graph ends with a linear regression or classifier.</param>
    /// <returns>The coefficients.</returns>
    /// <exception cref="ArgumentException">The graph has no linear step, or more than one.</exception>
    public static LinearCoefficients Of(IGraphModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Of(model.Graph);
    }

    /// <summary>Reads the coefficients of a graph.</summary>
    /// <param name="graph">A graph that ends with a linear regression or classifier.</param>
    /// <returns>The coefficients.</returns>
    /// <exception cref="ArgumentException">The graph has no linear step, or more than one.</exception>
    public static LinearCoefficients Of(ModelGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var linear = graph.Nodes.Where(node => node.Operator is LinearRegressorOperator or LinearClassifierOperator).ToArray();
        if (linear.Length != 1)
            throw new ArgumentException($"The graph has {linear.Length} linear steps ({string.Join(", ", graph.Nodes.Select(node => node.Operator.GetType().Name).Distinct())}). Give a model of {nameof(RidgeTrainer)} or {nameof(LogisticTrainer)}.", nameof(graph));
        var node = linear[0];
        if (node.Operator is LinearRegressorOperator regressor)
            return new LinearCoefficients(node.Inputs[0], regressor.FeatureNames, [], [regressor.Coefficients], [regressor.Intercept]);
        var classifier = (LinearClassifierOperator)node.Operator;
        var classes = classifier.TextClasses ?? Array.ConvertAll(classifier.NumberClasses ?? [], number => number.ToString(CultureInfo.InvariantCulture));
        return new LinearCoefficients(node.Inputs[0], classifier.FeatureNames, classes, classifier.Coefficients, classifier.Intercepts);
    }

    /// <summary>Gets a row of coefficients.</summary>
    /// <param name="row">The row, from 0: of one row the number or the log-odds of the second class, otherwise the class.</param>
    /// <returns>The coefficients, shape (features).</returns>
    public ReadOnlySpan<double> GetRow(int row) => _coefficients[row];

    /// <summary>Gets the coefficient of a feature.</summary>
    /// <param name="feature">The feature's name.</param>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The coefficient.</returns>
    /// <exception cref="EntityNotFoundException">There is no such feature.</exception>
    public double Get(string feature, int row = 0)
    {
        ArgumentNullException.ThrowIfNull(feature);
        for (var i = 0; i < FeatureNames.Count; i++)
        {
            if (FeatureNames[i] == feature) return _coefficients[row][i];
        }

        throw new EntityNotFoundException("feature", feature, string.Create(
            CultureInfo.InvariantCulture,
            $"The model has no feature '{feature}'.{(NearestName.Find(feature, FeatureNames) is { } nearest ? $" Did you mean '{nearest}'?" : "")} {nameof(FeatureNames)} lists its {FeatureNames.Count}."));
    }

    /// <summary>Writes the coefficients as a table: a line for each feature and one for the intercept, a column for each row of coefficients, in the invariant culture.</summary>
    /// <returns>The table, lines ended by <c>\n</c>.</returns>
    public override string ToString()
    {
        var columns = Classes.Count == 0 ? ["coefficient"] : RowCount == 1 ? [Classes[^1]] : Classes;
        var rows = new List<string[]> { (string[])["feature", .. columns] };
        for (var i = 0; i < FeatureNames.Count; i++) rows.Add([FeatureNames[i], .. _coefficients.Select(row => Format(row[i]))]);
        rows.Add(["(intercept)", .. _intercepts.Select(Format)]);
        var widths = Enumerable.Range(0, columns.Count + 1).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.Append(row[0].PadRight(widths[0]));
            for (var i = 1; i < row.Length; i++) text.Append("  ").Append(row[i].PadLeft(widths[i]));
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Format(double value) => value.ToString("0.000000", CultureInfo.InvariantCulture);
}
