namespace Mlops.Tracking;

/// <summary>Is told what becomes of the files of a spool.</summary>
internal interface ISpoolObserver
{
    /// <summary>What a process that is gone had left was delivered.</summary>
    void OnAdopted(string path);

    /// <summary>Parts of a file could not be read; it is kept under another name.</summary>
    void OnDamaged(string path);

    /// <summary>A file that a process left could not be read or moved; it stays and is tried again.</summary>
    void OnUnreadable(string path, Exception error);

    /// <summary>What the store refused is kept in a file of its own.</summary>
    void OnRefused(string path, int entries, long bytes);

    /// <summary>What the store refused could not be kept, because there is as much of it as may be.</summary>
    void OnRefusedDropped(string folder, int entries);
}
