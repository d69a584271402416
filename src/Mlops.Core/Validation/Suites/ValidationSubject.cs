using Mlops.Data;
using Mlops.Models;

namespace Mlops.Validation;

/// <summary>What a suite looks at: one dataset, or a training and a test set, perhaps with a model.</summary>
/// <param name="Train">The training set, or the only dataset.</param>
public sealed record ValidationSubject(IDataset Train)
{
    /// <summary>Gets the test set; <see langword="null"/> where there is one dataset only.</summary>
    public IDataset? Test { get; init; }

    /// <summary>Gets the model; <see langword="null"/> where data alone are checked.</summary>
    public IPredictor? Predictor { get; init; }

    /// <summary>Gets the output of the model that is judged, by slot.</summary>
    /// <value>The default value is <see langword="null"/>: the probabilities, where an output names its classes, else the first floating-point output, else the first one of numbers.</value>
    public int? Output { get; init; }

    /// <summary>Gets the classes, in order, for a model whose output holds their probabilities and does not name them; two classes may share one element, the probability of the last one.</summary>
    /// <value>The default value is empty: those that the model names (<see cref="TensorSpec.Classes"/>), and where it names none it predicts numbers.</value>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Gets what the values of the label are.</summary>
    /// <value>
    /// The default value is <see langword="null"/>: texts and truth values are classes, dates and moments amounts, and numbers are classes when all are whole, at most
    /// 20 different ones, each occurring twice on average.
    /// </value>
    public LabelKind? LabelKind { get; init; }

    /// <summary>Gets the number of rows of the samples from which checks work that cannot stream.</summary>
    /// <value>The default value is 10,000 rows of each dataset.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int SampleRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 10_000;

    /// <summary>Gets the seed of all that is drawn.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }
}
