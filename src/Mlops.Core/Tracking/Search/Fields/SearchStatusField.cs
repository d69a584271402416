namespace Mlops.Tracking;

/// <summary>The status of runs: <c>RunSearch.Status.Is(RunStatus.Finished)</c>. Texts in filters and the order have MLflow's words: <c>FINISHED</c>.</summary>
public sealed class SearchStatusField : SearchOrderField
{
    internal SearchStatusField()
        : base(SearchEntity.Attribute, "status")
    {
    }

    /// <summary>Requires a status.</summary>
    /// <param name="value">The status.</param>
    /// <returns>The filter.</returns>
    public SearchFilter Is(RunStatus value) => Compare(SearchOperator.Equal, SearchValue.Of(ToText(value)));

    /// <summary>Requires another status.</summary>
    /// <param name="value">The status.</param>
    /// <returns>The filter.</returns>
    public SearchFilter IsNot(RunStatus value) => Compare(SearchOperator.NotEqual, SearchValue.Of(ToText(value)));

    /// <summary>Writes a status in MLflow's words.</summary>
    /// <param name="status">The status.</param>
    /// <returns>The word: <c>FINISHED</c>.</returns>
    public static string ToText(RunStatus status) => status switch
    {
        RunStatus.Running => "RUNNING",
        RunStatus.Scheduled => "SCHEDULED",
        RunStatus.Finished => "FINISHED",
        RunStatus.Failed => "FAILED",
        RunStatus.Killed => "KILLED",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Choose one of the states of RunStatus."),
    };
}
