# What customers read in mails. Plain text.
mail-greeting = Hello { $name },
mail-signature =
    { $provider }, customer support
    { $phone }
mail-opened = We have received your mail. Your request has the number { $number }.
mail-promise-reply = We will reply by { $time }.
mail-promise-result = We promise to settle it by { $time }.
mail-opened-more = If there is anything to add, just reply to this mail. If it is urgent, call { $phone }.
mail-asked-how = Please reply to this mail.
mail-approved = Your request { $number } is approved, and we are carrying it out.
mail-failed = Request { $number } could not be carried out automatically. An engineer is taking over.
mail-solved = Request { $number } is solved.
mail-solved-how = If something is still wrong, just reply to this mail, and the request is opened again. If you do not reply, it closes by itself: { $when }.
mail-declined = Unfortunately we cannot do this.
mail-declined-next = If you have questions, write to us again.
mail-reclassified-critical = We now handle your request { $number } as a critical fault.
mail-reclassified-minor = We now handle your request { $number } as a minor fault.
mail-merged = Request { $number } is joined to your other request, { $other }. We go on there.
mail-refused = { $n ->
    [one] One file of your mail is larger than { $limit } MB, and we could not keep it: { $names }.
   *[other] { $n } files of your mail are larger than { $limit } MB, and we could not keep them: { $names }.
}
mail-refused-how = Everything else has arrived. Please send the file smaller or in parts, or a link to it.
mail-files-elsewhere = We could not attach these files: { $names }. Reply to this mail if you need them, and we will find another way.
