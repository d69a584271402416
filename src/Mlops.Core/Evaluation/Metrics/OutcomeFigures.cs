namespace Mlops.Evaluation;

/// <summary>What metrics of the same outcomes share: counts, sorted scores, sums. Made when first asked for; safe for concurrent use.</summary>
/// <param name="judged">The outcomes, of rows that can be judged.</param>
internal sealed class OutcomeFigures(ModelOutcomes judged)
{
    private readonly Lazy<ConfusionMatrix> _confusion = new(() => ConfusionMatrix.Of(judged));
    private readonly Lazy<BinaryScores> _scores = new(() => BinaryScores.Of(judged, judged.Classes.Count - 1));
    private readonly Lazy<BinaryFigures> _decisions = new(() => Decide(judged));
    private readonly Lazy<MulticlassScores> _multiclass = new(() => MulticlassScores.Of(judged));
    private readonly Lazy<RegressionScores> _regression = new(() => RegressionScores.Of(judged));

    public ConfusionMatrix Confusion => _confusion.Value;

    /// <summary>Gets the scores of the last class against the others.</summary>
    public BinaryScores Scores => _scores.Value;

    /// <summary>Gets the counts of the decisions for the last class, without figures of ranks and probabilities.</summary>
    public BinaryFigures Decisions => _decisions.Value;

    public MulticlassScores Multiclass => _multiclass.Value;

    public RegressionScores Regression => _regression.Value;

    /// <summary>Tells of each row whether the last class is the most probable one.</summary>
    public static bool[] Taken(ModelOutcomes judged)
    {
        var taken = new bool[judged.RowCount];
        for (var row = 0; row < taken.Length; row++) taken[row] = judged.GetPredictedClass(row) == judged.Classes.Count - 1;
        return taken;
    }

    /// <summary>Gets the scores of one class against the others.</summary>
    public BinaryScores OneVersusRest(int position) => judged.Classes.Count < 3 && position == judged.Classes.Count - 1 ? Scores : BinaryScores.Of(judged, position);

    private static BinaryFigures Decide(ModelOutcomes judged)
    {
        double truePositives = 0, falsePositives = 0, trueNegatives = 0, falseNegatives = 0;
        var taken = Taken(judged);
        for (var row = 0; row < taken.Length; row++)
        {
            var (isPositive, weight) = (judged.Labels[row] == judged.Classes.Count - 1, judged.GetWeight(row));
            if (isPositive && taken[row]) truePositives += weight;
            else if (isPositive) falseNegatives += weight;
            else if (taken[row]) falsePositives += weight;
            else trueNegatives += weight;
        }

        return new BinaryFigures
        {
            RowCount = taken.Length, TruePositiveWeight = truePositives, FalseNegativeWeight = falseNegatives, FalsePositiveWeight = falsePositives, TrueNegativeWeight = trueNegatives,
        };
    }
}
