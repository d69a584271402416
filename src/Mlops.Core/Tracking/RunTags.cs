namespace Mlops.Tracking;

/// <summary>Names of tags that have a meaning; where MLflow has a name, it is MLflow's.</summary>
public static class RunTags
{
    /// <summary>The run that this one is a part of.</summary>
    public const string ParentRunId = "mlflow.parentRunId";

    /// <summary>The commit of the code that ran.</summary>
    public const string GitCommit = "mlflow.source.git.commit";

    /// <summary>Free text for people.</summary>
    public const string Note = "mlflow.note.content";

    /// <summary>Why a run failed: the exception's type and message.</summary>
    public const string Error = "mlops.error";
}
