namespace Mlops.Tracking;

/// <summary>Names of tags that have a meaning; where MLflow has a name, it is MLflow's.</summary>
public static class RunTags
{
    /// <summary>The run's name. Setting it names the run, and searches by it look at the name; it is not kept as a tag beside.</summary>
    public const string RunName = "mlflow.runName";

    /// <summary>The run that this one is a part of.</summary>
    public const string ParentRunId = "mlflow.parentRunId";

    /// <summary>Who started the run.</summary>
    public const string User = "mlflow.user";

    /// <summary>The program that ran.</summary>
    public const string SourceName = "mlflow.source.name";

    /// <summary>What kind of program ran: <c>LOCAL</c>, <c>JOB</c>, <c>NOTEBOOK</c>, <c>PROJECT</c> or <c>UNKNOWN</c>.</summary>
    public const string SourceType = "mlflow.source.type";

    /// <summary>The commit of the code that ran.</summary>
    public const string GitCommit = "mlflow.source.git.commit";

    /// <summary>The branch of the code that ran.</summary>
    public const string GitBranch = "mlflow.source.git.branch";

    /// <summary>Where the code that ran is kept, without credentials.</summary>
    public const string GitRepository = "mlflow.source.git.repoURL";

    /// <summary>Whether the code that ran had changes that were not committed: <c>true</c> or <c>false</c>.</summary>
    public const string GitDirty = "mlops.source.git.dirty";

    /// <summary>The folder in the artifact store with <c>environment.json</c>, and with <c>changes.patch</c> where the code had changes that were not committed; runs of one environment share it.</summary>
    public const string Environment = "mlops.environment";

    /// <summary>The seed of the run's random numbers.</summary>
    public const string Seed = "mlops.seed";

    /// <summary>Free text for people.</summary>
    public const string Note = "mlflow.note.content";

    /// <summary>Why a run failed or was killed: the type and message of an exception, that its handle was disposed before it was completed, or which process was gone. Resuming the run removes it.</summary>
    public const string Error = "mlops.error";
}
