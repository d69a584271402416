#pragma warning disable CA1707 // Test names are Member_Condition_Outcome.
#pragma warning disable CA2007 // xunit runs tests without a synchronization context of ours to lose.
using Mlops.Data;
using Mlops.Explanation;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IExplainer"/> must do. Derive a class for each implementation.</summary>
public abstract class ExplainerConformance
{
    /// <summary>Gets how far attributions may miss what they add up to, relative to its size (absolute below 1).</summary>
    /// <value>The default value is 1e-9; models of 32-bit numbers need more.</value>
    protected virtual double Tolerance => 1e-9;

    /// <summary>Gets a feature that the model takes and does not use.</summary>
    /// <value>The default value is <see langword="null"/>: there is none.</value>
    protected virtual string? UnusedFeature => null;

    /// <summary>Gets two features that the model treats alike, and that are alike in every row and in the background.</summary>
    /// <value>The default value is <see langword="null"/>: there are none.</value>
    protected virtual (string First, string Second)? LikeFeatures => null;

    /// <summary>Makes the explainer.</summary>
    /// <param name="cancellationToken">Cancels the making.</param>
    /// <returns>The explainer.</returns>
    protected abstract Task<IExplainer> CreateExplainerAsync(CancellationToken cancellationToken);

    /// <summary>Makes three or more rows to explain, the same in every call, that are not all alike.</summary>
    /// <returns>The rows.</returns>
    protected abstract DataBatch CreateRows();

    /// <summary>Predicts, without the explainer, what it explains.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The numbers, shape (rows), in the unit of the explanation's scale.</returns>
    protected abstract Task<double[]> PredictAsync(DataBatch rows, CancellationToken cancellationToken);

    /// <summary>Base value and attributions add up to what the model predicts.</summary>
    [Fact]
    public async Task ExplainAsync_EveryRow_AddsUpToThePrediction()
    {
        var rows = CreateRows();
        var explanation = await (await CreateExplainerAsync(Token)).ExplainAsync(rows, Token);
        var expected = await PredictAsync(rows, Token);
        Assert.Equal(rows.RowCount, explanation.RowCount);
        for (var row = 0; row < rows.RowCount; row++)
        {
            AssertClose(expected[row], explanation.Predictions[row]);
            var sum = explanation.BaseValue;
            foreach (var attribution in explanation.GetAttributions(row)) sum += attribution;
            AssertClose(expected[row], sum);
        }
    }

    /// <summary>The features are those that the explainer names.</summary>
    [Fact]
    public async Task ExplainAsync_Features_AreThoseOfTheExplainer()
    {
        var explainer = await CreateExplainerAsync(Token);
        var explanation = await explainer.ExplainAsync(CreateRows(), Token);
        Assert.NotEmpty(explainer.Features);
        Assert.Equal(explainer.Features, explanation.Features);
        Assert.NotEmpty(explanation.Output);
    }

    /// <summary>The same rows have the same attributions, bit for bit, in two calls and of two explainers.</summary>
    [Fact]
    public async Task ExplainAsync_Twice_GivesTheSame()
    {
        var explainer = await CreateExplainerAsync(Token);
        var first = await explainer.ExplainAsync(CreateRows(), Token);
        var again = await explainer.ExplainAsync(CreateRows(), Token);
        var anew = await (await CreateExplainerAsync(Token)).ExplainAsync(CreateRows(), Token);
        for (var row = 0; row < first.RowCount; row++)
        {
            Assert.Equal(first.GetAttributions(row), again.GetAttributions(row));
            Assert.Equal(first.GetAttributions(row), anew.GetAttributions(row));
        }
    }

    /// <summary>The attributions of a row do not depend on the rows that are explained with it.</summary>
    [Fact]
    public async Task ExplainAsync_RowsInAnotherOrder_GivesEachTheSame()
    {
        var (explainer, rows) = (await CreateExplainerAsync(Token), CreateRows());
        var together = await explainer.ExplainAsync(rows, Token);
        int[] order = [.. Enumerable.Range(0, rows.RowCount).Reverse()];
        var reversed = await explainer.ExplainAsync(rows.Take(order), Token);
        var alone = await explainer.ExplainAsync(rows.Take([1]), Token);
        AssertClose(together.BaseValue, reversed.BaseValue);
        for (var row = 0; row < order.Length; row++) AssertClose(together.GetAttributions(order[row]), reversed.GetAttributions(row));
        AssertClose(together.GetAttributions(1), alone.GetAttributions(0));
    }

    /// <summary>No row is no error.</summary>
    [Fact]
    public async Task ExplainAsync_NoRow_GivesNone()
    {
        var explainer = await CreateExplainerAsync(Token);
        var some = await explainer.ExplainAsync(CreateRows(), Token);
        var none = await explainer.ExplainAsync(CreateRows().Take([]), Token);
        Assert.Equal(0, none.RowCount);
        AssertClose(some.BaseValue, none.BaseValue);
    }

    /// <summary>A feature that the model does not use adds nothing.</summary>
    [Fact]
    public async Task ExplainAsync_UnusedFeature_AddsNothing()
    {
        if (UnusedFeature is not { } unused) return;
        var explanation = await (await CreateExplainerAsync(Token)).ExplainAsync(CreateRows(), Token);
        var feature = PositionOf(explanation, unused);
        for (var row = 0; row < explanation.RowCount; row++) AssertClose(0, explanation.GetAttributions(row)[feature]);
    }

    /// <summary>Features that are alike add alike.</summary>
    [Fact]
    public async Task ExplainAsync_LikeFeatures_AddAlike()
    {
        if (LikeFeatures is not var (first, second)) return;
        var explanation = await (await CreateExplainerAsync(Token)).ExplainAsync(CreateRows(), Token);
        for (var row = 0; row < explanation.RowCount; row++)
            AssertClose(explanation.GetAttributions(row)[PositionOf(explanation, first)], explanation.GetAttributions(row)[PositionOf(explanation, second)]);
    }

    /// <summary>Columns that the model does not take are no obstacle, wherever they stand; one that is absent is named.</summary>
    [Fact]
    public async Task ExplainAsync_OtherColumns_AreNotLookedAtAndAbsentOnesAreNamed()
    {
        var (explainer, rows) = (await CreateExplainerAsync(Token), CreateRows());
        var expected = await explainer.ExplainAsync(rows, Token);
        var more = new DataBatch(
            new DataSchema([new ColumnSchema("conformance_extra", ElementType.Float64), .. rows.Schema.Reverse()]),
            [new Column<double>(new double[rows.RowCount]), .. rows.Schema.Reverse().Select(column => rows[column.Name])]);
        var explanation = await explainer.ExplainAsync(more, Token);
        for (var row = 0; row < rows.RowCount; row++) AssertClose(expected.GetAttributions(row), explanation.GetAttributions(row));

        var absent = explainer.Features[0];
        var fewer = more.Select([.. more.Schema.Select(column => column.Name).Where(name => name != absent)]);
        var missing = await Assert.ThrowsAsync<EntityNotFoundException>(async () => await explainer.ExplainAsync(fewer, Token));
        Assert.Contains(absent, missing.Message, StringComparison.Ordinal);
    }

    /// <summary>Callers at once get what one gets.</summary>
    [Fact]
    public async Task ExplainAsync_CallersAtOnce_GetWhatOneGets()
    {
        var explainer = await CreateExplainerAsync(Token);
        var expected = await explainer.ExplainAsync(CreateRows(), Token);
        var several = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await explainer.ExplainAsync(CreateRows(), Token), Token)));
        foreach (var explanation in several)
        {
            for (var row = 0; row < expected.RowCount; row++) Assert.Equal(expected.GetAttributions(row), explanation.GetAttributions(row));
        }
    }

    /// <summary>A cancelled call ends as such.</summary>
    [Fact]
    public async Task ExplainAsync_Cancelled_Throws()
    {
        var explainer = await CreateExplainerAsync(Token);
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await explainer.ExplainAsync(CreateRows(), source.Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static int PositionOf(Explanation.Explanation explanation, string feature) => explanation.Features.ToList().IndexOf(feature);

    private void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) AssertClose(expected[i], actual[i]);
    }

    private void AssertClose(double expected, double actual)
        => Assert.True(Math.Abs(expected - actual) <= Tolerance * Math.Max(1, Math.Abs(expected)), FormattableString.Invariant($"{actual} is not {expected} within {Tolerance}."));
}
